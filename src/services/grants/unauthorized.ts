import { session } from '../../db/session.ts';
import type { AnswerHead } from '../../kernel/outbound.ts';
import { Grant } from '../../model/grant.ts';
import type { HeldGrant } from '../../db/queries/held-grant.ts';

const QUIET_S = 30;
const QUIET_MAX_S = 15 * 60;

/** A parameter of a challenge (RFC 9110, section 11.2); what stands inside quotes is no parameter. */
const PARAMETER = /([\w!#$%&'*+.^`|~-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]+)/g;

/**
 * True for a 401 that a new token may mend (RFC 6750, section 3.1): unless the API names another error than
 * `invalid_token`. A missing `WWW-Authenticate` counts.
 */
export function refusesToken({ status, headers }: AnswerHead): boolean {
  if (status !== 401) return false;
  const challenges = headers.filter(([name]) => name.toLowerCase() === 'www-authenticate').map(([, value]) => value);
  const errors = challenges.flatMap((challenge) =>
    [...challenge.matchAll(PARAMETER)]
      .filter(([, name]) => name?.toLowerCase() === 'error')
      .map(([, , value]) => value),
  );
  return errors.length === 0 || errors.some((error) => error?.replaceAll('"', '') === 'invalid_token');
}

/** True while 401s of this connection are passed through, because a renewal did not help. */
export function isQuiet({ quietUntil }: HeldGrant, now: Date): boolean {
  // What is further off than the longest quiet was written by a clock that has been set back since.
  return quietUntil !== null && quietUntil > now && quietUntil.getTime() - now.getTime() <= QUIET_MAX_S * 1000;
}

/** Notes how a resend after a renewal ended: 30 s of quiet after one that did not help, doubling up to 15 min. */
export async function noteRenewal(grant: HeldGrant, helped: boolean, now: Date): Promise<void> {
  if (helped && grant.quietSeconds === 0) return;
  const quietSeconds = helped ? 0 : Math.min(Math.max(grant.quietSeconds * 2, QUIET_S), QUIET_MAX_S);
  const quietUntil = helped ? null : new Date(now.getTime() + quietSeconds * 1000);
  await session.nativeUpdate(Grant, { id: grant.id }, { quietSeconds, quietUntil });
}
