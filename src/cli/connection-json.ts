import { grantDocument, type GrantTelling } from '../kernel/grant-telling.ts';
import type { Workings } from '../workings.ts';

/** A connection as programs see it, with a mark for each secret. */
export type ShownConnection = Awaited<ReturnType<Workings['catalogue']['find']>>;

/** A connection with its grant, for programs; as the JSON API has both. */
export function connectionJson(connection: ShownConnection, grant: GrantTelling | undefined) {
  return { ...connection, grant: grant ? grantDocument(grant) : null };
}
