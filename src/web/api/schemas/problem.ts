import { z } from 'zod';
import { PROBLEM_KINDS } from '../../problem-kinds.ts';

const types = Object.keys(PROBLEM_KINDS).map((code) => `/problems/${code}`);

/** A problem as it is answered (RFC 9457, section 3.1). Members besides are facts of its type. */
export const problem = z
  .looseObject({
    type: z.enum(types as [string, ...string[]]).meta({ description: 'Branch on this: its last part is the code.' }),
    title: z.string().meta({ description: 'What sort of problem it is; the same for every problem of a type.' }),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: 'What is wrong this time, and what to do, for people.' }),
    instance: z.string().meta({ description: 'The path that was asked for.' }),
    errors: z
      .array(
        z.strictObject({
          pointer: z.string().meta({ description: 'A JSON Pointer (RFC 6901) to the field or query parameter.' }),
          detail: z.string(),
        }),
      )
      .optional()
      .meta({ description: 'What is wrong with which field; with `invalid-input`.' }),
    id: z.string().optional().meta({ description: 'Stands in the log as well; with `unexpected`.' }),
  })
  .meta({
    id: 'Problem',
    description: 'Why a request was not done (RFC 9457).',
    examples: [
      {
        type: '/problems/not-found',
        title: 'Not found',
        status: 404,
        detail: 'There is no connection "partner".',
        instance: '/api/v1/connections/partner',
        noun: 'connection',
      },
    ],
  });
