import type { Connection } from '../../model/connection.ts';
import type { ComposerValues } from './composer.ts';

/** The slug that the practice API's connection is made with. */
const PRACTICE = 'practice';

const PRACTICE_CALL: ComposerValues = {
  method: 'POST',
  path: '/orders',
  headers: '',
  body: '{\n  "item": "Blue ink, 30 ml",\n  "quantity": 3\n}',
  contentType: 'json',
  lineEnds: 'lf',
};

/** A call to begin with, for a connection that was never called and whose API we know; null otherwise. */
export function firstRequest({ slug, lastCallAt }: Pick<Connection, 'slug' | 'lastCallAt'>): ComposerValues | null {
  return slug === PRACTICE && !lastCallAt ? PRACTICE_CALL : null;
}
