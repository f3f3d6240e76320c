/** As much of a schema as a person wants to read. */
export interface OpenApiSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: OpenApiSchema | false;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly OpenApiSchema[];
  readonly oneOf?: readonly OpenApiSchema[];
}

interface OpenApiMedia {
  readonly schema?: OpenApiSchema;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

/** A reply of an operation. */
export interface OpenApiReply {
  readonly $ref?: string;
  readonly description: string;
  readonly content?: Readonly<Record<string, OpenApiMedia>>;
}

/** An operation of a document, its replies resolved. */
export interface OpenApiOperation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema: OpenApiSchema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, OpenApiMedia>> };
  readonly responses: Readonly<Record<string, OpenApiReply>>;
}

/** As much of an OpenAPI document as a person wants to read. */
export interface OpenApi {
  readonly info: { readonly description?: string };
  readonly servers?: readonly { readonly url: string }[];
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<OpenApiOperation, 'method' | 'path'>>>>>;
  readonly components: {
    readonly schemas?: Readonly<Record<string, OpenApiSchema>>;
    readonly responses?: Readonly<Record<string, OpenApiReply>>;
  };
}

/** Every operation, in the document's order. */
export function operationsOf({ paths, components }: OpenApi): OpenApiOperation[] {
  const resolved = (reply: OpenApiReply) => components.responses?.[reply.$ref?.split('/').at(-1) ?? ''] ?? reply;
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
      responses: Object.fromEntries(
        Object.entries(operation.responses).map(([status, reply]) => [status, resolved(reply)]),
      ),
    })),
  );
}

/** Every named schema, by name. */
export function schemasOf({ components }: OpenApi): { readonly name: string; readonly schema: OpenApiSchema }[] {
  return Object.entries(components.schemas ?? {})
    .map(([name, schema]) => ({ name, schema }))
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

/** The fields of an object. */
export function fieldsOf({ properties = {}, required = [] }: OpenApiSchema) {
  return Object.entries(properties).map(([name, field]) => ({ name, field, required: required.includes(name) }));
}

/** What sort of value a schema asks for, in few words: `list of Connection`, `text or null`. */
export function typeText(schema: OpenApiSchema): string {
  const { $ref, type, format, items } = schema;
  const several = schema.anyOf ?? schema.oneOf;
  if ($ref) return $ref.split('/').at(-1) ?? '';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map(String).join(' · ');
  if (several && type === undefined) return [...new Set(several.map(typeText))].join(' or ');
  if (typeof type === 'object') return type.map((one) => typeText({ ...schema, type: one })).join(' or ');
  if (type === 'array') return items ? `list of ${typeText(items)}` : 'list';
  if (type === 'string') return format === undefined ? 'text' : (FORMATS[format] ?? format);
  return type ?? 'anything';
}

const FORMATS: Readonly<Record<string, string>> = { 'date-time': 'time', binary: 'bytes', uri: 'URL', uuid: 'id' };
