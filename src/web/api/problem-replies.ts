import type { ZodOpenApiResponseObject } from 'zod-openapi';
import type { ErrorCode } from '../../kernel/errors.ts';
import { PROBLEM_KINDS } from '../problem-kinds.ts';
import type { Declaration } from './operation.ts';

/** Codes that come with a `Retry-After`. */
const PASSING: readonly ErrorCode[] = ['too-many', 'refreshing', 'provider-unavailable', 'queue-full', 'database-busy'];

const EVERYWHERE: readonly ErrorCode[] = [
  'malformed',
  'not-signed-in',
  'invalid-input',
  'too-many',
  'unexpected',
  'database-busy',
];

/**
 * Every code an operation may answer: what it declares, and what the way to it may: a key may be wrong or sent twice,
 * whoever asks over the limit or too weak, parameters unknown, a body unreadable, and the database out of reach.
 */
function problemCodes({ method, role, problems }: Declaration): readonly ErrorCode[] {
  const codes = new Set<ErrorCode>([...EVERYWHERE, ...problems]);
  if (role !== null && (method !== 'get' || role !== 'viewer')) codes.add('not-allowed');
  if (method !== 'get') codes.add('too-large').add('unsupported-media-type');
  return [...codes];
}

/** The replies with problems, by status. */
export function problemReplies(declared: Declaration): Record<string, ZodOpenApiResponseObject> {
  const byStatus = Map.groupBy(problemCodes(declared), (code) => PROBLEM_KINDS[code].status);
  return Object.fromEntries([...byStatus].map(([status, codes]) => [status, problemReply(codes.toSorted())]));
}

/** One object for the same codes, wherever they stand: the document registers each once. */
const replyByCodes = new Map<string, ZodOpenApiResponseObject>();

function problemReply(codes: readonly ErrorCode[]): ZodOpenApiResponseObject {
  const key = codes.join('_or_');
  const reply = replyByCodes.get(key) ?? madeReply(key, codes);
  replyByCodes.set(key, reply);
  return reply;
}

function madeReply(id: string, codes: readonly ErrorCode[]): ZodOpenApiResponseObject {
  const isPassing = codes.some((code) => PASSING.includes(code));
  return {
    id,
    description: codes.map((code) => `\`${code}\`: ${PROBLEM_KINDS[code].title}.`).join(' '),
    headers: {
      'Callbook-Problem': { description: 'The code.', required: true, schema: { type: 'string', enum: [...codes] } },
      ...(isPassing && {
        'Retry-After': { description: 'Seconds to wait.', required: true, schema: { type: 'integer', minimum: 1 } },
      }),
    },
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Problem' },
            { type: 'object', properties: { type: { enum: codes.map((code) => `/problems/${code}`) } } },
          ],
        },
      },
    },
  };
}
