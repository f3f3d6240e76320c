import type { Config } from '../../config.ts';
import { sizeOf } from '../terminal/measures.ts';
import { fine, type Finding, warning } from './finding.ts';
import type { Examined } from './local-checks.ts';

/** From this share of RETENTION_BYTES on, age is no longer what ends an exchange. */
const NEARLY_FULL = 0.9;

/** How much is on record, and how much may be; nothing to say where there is no record yet. */
export function checkRecord({ retentionBytes, retentionDays }: Config, examined: Examined | null): Finding[] {
  const record = examined?.record;
  if (!record) return [];
  const { exchanges, bodies, bodyBytes, usedBytes, freeBytes } = record;
  const held = `${count(exchanges, 'exchange')} with ${count(bodies, 'body', 'bodies')} of ${sizeOf(bodyBytes)}`;
  const free = freeBytes > 0 ? `; ${sizeOf(freeBytes)} of the file are free for new ones` : '';
  const kept = `Kept for ${count(retentionDays, 'day')} and up to ${sizeOf(retentionBytes)}.`;
  const detail = `${held}; the database takes ${sizeOf(usedBytes)}${free}. ${kept}`;
  if (usedBytes < retentionBytes * NEARLY_FULL) return [fine('record', detail)];
  return [
    warning('record', `${detail} The oldest go before their time.`, 'Raise RETENTION_BYTES, or pin what has to stay.'),
  ];
}

function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount.toLocaleString('en')} ${amount === 1 ? one : many}`;
}
