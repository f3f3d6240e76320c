import { isSafeMethod } from '../../src/kernel/exchange.ts';
import { keptChunksOf } from '../support/packed.ts';
import { booked, type Booked, type BookedBody } from './api-book.ts';
import type { House } from './house.ts';
import type { Sent } from './life.ts';
import { Findings, type Run, runOf } from './tally.ts';

/** A call as whoever sent it knows it; `sent` is null where the process died before it said anything. */
export interface Told {
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly sent: Sent | null;
}

interface Row {
  readonly id: string;
  readonly url: string;
  readonly outcome: string;
  readonly requestBody: string | null;
  readonly requestBodyId: string | null;
  readonly responseBody: string | null;
  readonly responseBodyId: string | null;
}

const ROWS = `select id, url, outcome, request_body as requestBody, request_body_id as requestBodyId,
  response_body as responseBody, response_body_id as responseBodyId from exchange where kind = 'call'`;

const ENDS = ['answered', 'interrupted'];

/** What became of the calls, and how many of them were cut off. */
export interface Verdict {
  readonly runs: readonly Run[];
  readonly interrupted: number;
}

/** Holds the record against the API's book and against what the senders were told: a run for each call. */
export function judgeSends(
  house: House,
  book: ReadonlyMap<string, Booked>,
  told: readonly Told[],
  damages: readonly string[],
): Verdict {
  const rows = Map.groupBy(house.database.prepare(ROWS).all() as Row[], ({ url }) => new URL(url).pathname);
  const runs = told.map((call) => judged(house, call, rows.get(call.path) ?? [], book.get(call.path)));
  const whole = new Findings();
  whole.wrong.push(...damages);
  whole.same(
    'Calls that nobody sent',
    [...rows.keys()].filter((path) => !told.some((call) => call.path === path)),
    [],
  );
  const interrupted = [...rows.values()].flat().filter(({ outcome }) => outcome === 'interrupted').length;
  whole.holds('kills interrupted some calls.', interrupted > 0);
  return { runs: whole.wrong.length > 0 ? [...runs, runOf(whole.wrong, [])] : runs, interrupted };
}

function judged(house: House, { method, sent }: Told, rows: readonly Row[], entry: Booked | undefined): Run {
  const found = new Findings();
  const [row] = rows;
  found.holds('a call has one row at most.', rows.length <= 1);
  if (entry && !isSafeMethod(method)) found.holds('an unsafe call that reached the API has a row.', row !== undefined);
  if (sent?.code !== undefined) found.wrong.push(`A call was refused: ${sent.code}.`);
  if (sent?.id !== undefined) found.same('What was told', [row?.id, row?.outcome], [sent.id, 'answered']);
  if (row) rowHolds(house, row, entry, found);
  return { wrong: found.wrong, doubleSpent: Math.max(0, (entry?.arrivals ?? 0) - 1), ms: sent ? [sent.ms] : [] };
}

/** Nothing is open, and both bodies are what the API knows of them. */
function rowHolds(house: House, row: Row, entry: Booked | undefined, found: Findings): void {
  found.holds(`a row is answered or interrupted, not ${row.outcome}.`, ENDS.includes(row.outcome));
  if (row.requestBody && entry?.received)
    found.same('Request', kept(house, row.requestBody, row.requestBodyId), entry.received);
  if (row.outcome === 'answered') found.same('Answer', kept(house, row.responseBody, row.responseBodyId), entry?.sent);
}

/** A body as it is kept: what its chunks hold, and nothing where the record's own figures differ from that. */
function kept({ database }: House, facts: string | null, bodyId: string | null): BookedBody | null {
  const is = booked(Buffer.concat(bodyId ? keptChunksOf(database, bodyId) : []));
  const { bytes, sha256 } = JSON.parse(facts ?? 'null') as BookedBody;
  return bytes === is.bytes && sha256 === is.sha256 ? is : null;
}
