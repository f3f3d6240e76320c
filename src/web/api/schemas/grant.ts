import { z } from 'zod';
import { TOLD_GRANT_STATES } from '../../../kernel/grant-telling.ts';
import { TOKEN_TYPES } from '../../../kernel/token-reply.ts';

const moment = z.iso.datetime().nullable();
const seconds = z.int().nullable();

/** A grant as it is shown: never a token. */
export const grant = z
  .strictObject({
    connection: z.string().meta({ description: 'The connection’s slug.' }),
    state: z.enum(TOLD_GRANT_STATES).meta({
      description:
        '`fresh`: good. `due`: renewed before the next call. `expired`, `missing`: the next call asks for a token. ' +
        '`refreshing`: being renewed now. `ambiguous`: a renewal was cut off and is being cleared up. ' +
        '`consent-needed`, `misconfigured`, `revoked`: a person has to act. `static`: nothing here expires.',
    }),
    generation: z.int().meta({ description: 'Grows by one with every new token set; 0 where there is no OAuth.' }),
    scope: z.string().nullable().meta({ description: 'What it is good for, as the provider said.' }),
    scopeAsked: z.string().nullable().meta({ description: 'What was asked for; null where the provider chose.' }),
    tokenType: z.enum(TOKEN_TYPES).meta({ description: '`dpop`: bound to a key of the connection (RFC 9449).' }),
    obtainedAt: moment,
    expiresAt: moment,
    expiresIn: seconds.meta({ description: 'Seconds until the access token ends.' }),
    refreshExpiresAt: moment.meta({ description: 'When the refresh token ends, where the provider says so.' }),
    nextCheckIn: seconds.meta({
      description: 'Seconds until it is worth asking again; null where only a person can change the state.',
    }),
    consentedBy: z.string().nullable().meta({ description: 'Who consented; null where nobody had to.' }),
    consentedAt: moment,
    reason: z.string().nullable().meta({ description: 'Why the state is what it is: a word for programs.' }),
    detail: z.string().nullable().meta({ description: 'The same as a sentence.' }),
    action: z
      .strictObject({ label: z.string(), href: z.string() })
      .nullable()
      .meta({ description: 'What a person has to do, and on which page; null where nobody has to do anything.' }),
  })
  .meta({
    id: 'Grant',
    description: 'The token set that a connection holds now, without the tokens.',
    examples: [
      {
        connection: 'partner',
        state: 'fresh',
        generation: 7,
        scope: 'orders',
        scopeAsked: 'orders',
        tokenType: 'bearer',
        obtainedAt: '2026-11-22T09:00:00.000Z',
        expiresAt: '2026-11-22T10:00:00.000Z',
        expiresIn: 3540,
        refreshExpiresAt: null,
        nextCheckIn: 3240,
        consentedBy: 'owner@example.org',
        consentedAt: '2026-11-22T08:00:00.000Z',
        reason: null,
        detail: null,
        action: null,
      },
    ],
  });
