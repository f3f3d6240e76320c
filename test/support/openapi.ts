import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** A reply, as far as a document can speak of it. */
export interface SeenReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

interface DescribedReply {
  readonly $ref?: string;
  readonly headers?: Readonly<
    Record<
      string,
      { readonly required?: boolean; readonly schema: { readonly type?: string; readonly enum?: readonly string[] } }
    >
  >;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

/** An operation of the document. */
export interface DescribedOperation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<Record<string, DescribedReply>>;
}

/** As much of an OpenAPI document as checking replies takes. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<DescribedOperation, 'method' | 'path'>>>>>;
  readonly components: { readonly responses: Readonly<Record<string, DescribedReply>> };
}

/** Holds replies against an OpenAPI 3.1 document, both ways: what is answered is described, and what is described is answered. */
export class DescribedReplies {
  readonly operations: readonly DescribedOperation[];
  readonly #document: ApiDocument;
  readonly #ajv: Ajv2020;
  readonly #compiled = new Map<object, ValidateFunction>();
  readonly #seen = new Set<string>();

  constructor(document: ApiDocument) {
    this.#document = document;
    this.#ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(document, 'document');
    this.operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
    );
  }

  /** Throws where the document does not describe this reply to that request: operation, status, code, headers, body. */
  note(method: string, url: string, reply: SeenReply): void {
    const operation = this.#operationOf(method === 'HEAD' ? 'GET' : method, url);
    const described = this.#resolved(operation.responses[reply.status]);
    const name = `${operation.operationId} ${reply.status}`;
    if (!described) throw new Error(`${name} is not described: ${reply.text}`);
    this.#checkHeaders(name, described, reply);
    if (method !== 'HEAD') this.#checkBody(name, described, reply);
    this.#seen.add(withCode(name, reply.headers.get('callbook-problem')));
  }

  /** What the document describes and nobody has seen yet: operation, status, and the code of a problem. */
  unseen(): string[] {
    return this.described().filter((one) => !this.#seen.has(one));
  }

  /** All that the document describes. */
  described(): string[] {
    return this.operations.flatMap(({ operationId, responses }) =>
      Object.entries(responses).flatMap(([status, reply]) => {
        const codes = this.#resolved(reply)?.headers?.['Callbook-Problem']?.schema;
        return (codes?.enum ?? [null]).map((code) => withCode(`${operationId} ${status}`, code));
      }),
    );
  }

  #operationOf(method: string, url: string): DescribedOperation {
    const [path = ''] = url.split('?');
    const found = this.operations
      .filter((one) => one.method === method && patternOf(one.path).test(path))
      .toSorted((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
    if (!found) throw new Error(`${method} ${path} is not described.`);
    return found;
  }

  #resolved(reply: DescribedReply | undefined): DescribedReply | undefined {
    return reply?.$ref ? this.#document.components.responses[reply.$ref.split('/').at(-1) ?? ''] : reply;
  }

  #checkHeaders(name: string, { headers = {} }: DescribedReply, reply: SeenReply): void {
    for (const [header, { required, schema }] of Object.entries(headers)) {
      const value = reply.headers.get(header);
      if (value === null && !required) continue;
      const isWhole = schema.type === 'integer';
      this.#check(`${name}, header ${header}`, schema, isWhole ? Number(value) : value);
    }
    const isProblem = reply.headers.has('callbook-problem');
    if (isProblem !== 'Callbook-Problem' in headers) throw new Error(`${name} is a problem where none is described.`);
  }

  #checkBody(name: string, { content }: DescribedReply, reply: SeenReply): void {
    if (!content) {
      if (reply.text !== '') throw new Error(`${name} has a body where none is described: ${reply.text}`);
      return;
    }
    const type = reply.headers.get('content-type')?.split(';')[0]?.trim() ?? '';
    const media = content[type];
    if (!media) throw new Error(`${name} has a body of ${type} where none is described.`);
    if (type.endsWith('json')) this.#check(name, media.schema, JSON.parse(reply.text));
  }

  #check(name: string, schema: object, value: unknown): void {
    let validate = this.#compiled.get(schema);
    if (!validate) {
      validate = this.#ajv.compile(absolute(schema) as object);
      this.#compiled.set(schema, validate);
    }
    if (!validate(value)) {
      throw new Error(
        `${name} is not as described: ${this.#ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`,
      );
    }
  }
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}

function withCode(name: string, code: string | null): string {
  return code === null ? name : `${name} ${code}`;
}

/** A schema taken out of its document: its references lead back there. */
function absolute(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(absolute);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string' ? `document${value}` : absolute(value),
    ]),
  );
}
