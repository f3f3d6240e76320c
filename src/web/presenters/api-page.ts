import type { OpenApi, OpenApiOperation, OpenApiReply, OpenApiSchema } from '../api/openapi-reading.ts';
import { fieldsOf, operationsOf, schemasOf, typeText } from '../api/openapi-reading.ts';
import { problemList } from './problem-meaning.ts';
import { paragraphs, stretches, stretchesWithProblems } from './stretches.ts';

/** The page about the JSON API, all of it from its description. */
export function apiPage(document: OpenApi) {
  const { servers = [], tags = [], info } = document;
  const origin = servers[0]?.url ?? '';
  const operations = operationsOf(document);
  const everywhere = sharedReplies(operations);
  const [lead = [], ...conventions] = paragraphs(info.description);
  const nouns = tags.map(({ name, description = '' }) => ({
    name,
    anchor: `noun-${name.toLowerCase()}`,
    description,
    operations: operations
      .filter((one) => one.tags.includes(name))
      .map((one) => operationView(one, origin, everywhere)),
  }));
  return {
    title: 'API',
    lead,
    conventions,
    first: firstCalls(origin),
    problems: problemList(),
    everywhere: [...everywhere].map((status) => replyView(status, operations[0]?.responses[status])),
    nouns,
    schemas: schemasOf(document)
      .filter(({ schema }) => schema.type === 'object')
      .map(({ name, schema }) => ({
        name,
        anchor: `schema-${name}`,
        description: stretches(schema.description ?? ''),
        fields: fieldViews(schema),
      })),
  };
}
export type ApiPage = ReturnType<typeof apiPage>;

const WITH_KEY = '-H "Authorization: Bearer $CALLBOOK_KEY"';

/** What a newcomer runs, one line after the other. */
function firstCalls(origin: string) {
  const call = JSON.stringify({ method: 'GET', path: '/orders?limit=2' });
  return {
    keep: 'export CALLBOOK_KEY=cbk_…',
    look: `curl ${WITH_KEY} '${origin}/api/v1/connections'`,
    relay: `curl -i ${WITH_KEY} '${origin}/proxy/partner/orders?limit=2'`,
    send: `curl ${WITH_KEY} -H 'Content-Type: application/json' -d '${call}' '${origin}/api/v1/connections/partner/exchanges'`,
  };
}

function operationView(operation: OpenApiOperation, origin: string, everywhere: ReadonlySet<string>) {
  const { operationId, method, path, summary, parameters = [], requestBody, responses } = operation;
  return {
    anchor: operationId,
    method,
    path,
    summary,
    description: paragraphs(operation.description),
    parameters: parameters.map(({ name, in: place, required = false, description = '', schema }) => ({
      name,
      place,
      required,
      type: typeText(schema),
      description: stretches(description),
    })),
    body: requestBody && {
      mediaTypes: Object.keys(requestBody.content).join(' or '),
      schema: linked(Object.values(requestBody.content)[0]?.schema),
    },
    replies: Object.entries(responses)
      .filter(([status]) => !everywhere.has(status))
      .map(([status, reply]) => replyView(status, reply)),
    curl: curlOf(operation, origin),
  };
}

function replyView(status: string, reply: OpenApiReply | undefined) {
  const { description = '', content = {} } = reply ?? {};
  const [type, media] = Object.entries(content)[0] ?? [];
  const isProblem = type === 'application/problem+json';
  return {
    status,
    description: stretchesWithProblems(description),
    isGood: !isProblem,
    schema: isProblem ? null : linked(media?.schema),
  };
}

/** Statuses that every operation answers in the same words; they are told once. */
function sharedReplies(operations: readonly OpenApiOperation[]): ReadonlySet<string> {
  const [first, ...others] = operations.map(({ responses }) => responses);
  const statuses = Object.entries(first ?? {}).filter(([status, { description }]) =>
    others.every((responses) => responses[status]?.description === description),
  );
  return new Set(statuses.map(([status]) => status));
}

/** A schema's name with where it stands on the page, or what sort of value it is. */
function linked(schema: OpenApiSchema | undefined) {
  if (!schema) return null;
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? { name: typeText(schema), href: null } : { name, href: `#schema-${name}` };
}

function fieldViews(schema: OpenApiSchema) {
  return fieldsOf(schema).map(({ name, required, field }) => ({
    name,
    required,
    type: typeText(field),
    description: stretches(field.description ?? ''),
  }));
}

function curlOf({ method, path, requestBody, security }: OpenApiOperation, origin: string): string {
  const [mediaType, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const example = Object.values(media?.examples ?? {})[0]?.value;
  const filled = path
    .replaceAll('{slug}', 'partner')
    .replaceAll(/\{(\w+)\}/g, (_all, name: string) => `$${name.toUpperCase()}`);
  return [
    'curl',
    ...(method === 'GET' ? [] : [`-X ${method}`]),
    ...(security?.length === 0 ? [] : [WITH_KEY]),
    ...(mediaType === undefined ? [] : [`-H 'Content-Type: ${mediaType}'`, `-d '${JSON.stringify(example ?? {})}'`]),
    filled.includes('$') ? `"${origin}${filled}"` : `'${origin}${filled}'`,
  ].join(' ');
}
