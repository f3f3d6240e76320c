import { sql } from 'kysely';
import { tables } from './named-query.ts';

/** Every column that holds sealed values; each row's is bound to table, column and id. */
export const SEALED_COLUMNS = [
  { table: 'connection', column: 'sealed_secrets' },
  { table: 'grant', column: 'sealed_access_token' },
  { table: 'grant', column: 'sealed_refresh_token' },
  { table: 'grant', column: 'sealed_previous_refresh_token' },
  { table: 'refresh_attempt', column: 'sealed_tokens' },
  { table: 'consent_attempt', column: 'sealed_verifier' },
  { table: 'consent_attempt', column: 'sealed_request_uri' },
  { table: 'device_attempt', column: 'sealed_device_code' },
  { table: 'device_attempt', column: 'sealed_user_code' },
  { table: 'device_attempt', column: 'sealed_complete_uri' },
] as const;
export type SealedColumn = (typeof SEALED_COLUMNS)[number];

/** A sealed value and the row it is bound to. */
export interface SealedValue {
  readonly id: string;
  readonly sealed: string;
}

/** How many values a key has sealed. */
export interface KeyUse {
  readonly kid: string;
  readonly values: number;
}

/** How many values each key has sealed; reads every sealed column. */
export async function keyUses(): Promise<KeyUse[]> {
  const uses = new Map<string, number>();
  for (const { table, column } of SEALED_COLUMNS) {
    const { rows } = await sql<KeyUse>`
      select substr(${sql.ref(column)}, 4, 16) as kid, count(*) as "values" from ${sql.table(table)}
      where ${sql.ref(column)} is not null group by 1`.execute(tables());
    for (const { kid, values } of rows) uses.set(kid, (uses.get(kid) ?? 0) + values);
  }
  return [...uses].map(([kid, values]) => ({ kid, values }));
}

/** Values of a column that another key than `kid` has sealed, of rows after `after`, by id, `limit` at most. */
export async function sealedByOthers(
  { table, column }: SealedColumn,
  kid: string,
  after: string,
  limit: number,
): Promise<readonly SealedValue[]> {
  const { rows } = await sql<SealedValue>`
    select id, ${sql.ref(column)} as sealed from ${sql.table(table)}
    where id > ${after} and ${sql.ref(column)} is not null and substr(${sql.ref(column)}, 4, 16) <> ${kid}
    order by id limit ${limit}`.execute(tables());
  return rows;
}

/** Puts a value sealed anew in the place of one, unless that has changed meanwhile; true when it did. */
export async function replaceSealed(
  { table, column }: SealedColumn,
  { id, sealed }: SealedValue,
  anew: string,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update ${sql.table(table)} set ${sql.ref(column)} = ${anew}
    where id = ${id} and ${sql.ref(column)} = ${sealed}`.execute(tables());
  return numAffectedRows === 1n;
}
