import { ENCODINGS as MORE_ENCODINGS } from '../secrets/planted.ts';
import { everyForm } from './leaky-api.ts';
import { checkpoint, filesOf, found, type Place, valuesOf } from './residue.ts';

interface Searched {
  readonly folder: string;
  readonly databaseFile: string;
  log(): string;
}

/** Everything that was shown to somebody, as the bytes they got, to be searched for what must not be there. */
export class Shown {
  readonly places: Place[] = [];

  /** Remembers an answer; gives it back as it is. */
  keep<T>(name: string, answer: T, ...parts: readonly (string | Uint8Array | Iterable<unknown>)[]): T {
    const bytes = parts.map((part) => {
      if (typeof part === 'string') return Buffer.from(part);
      return part instanceof Uint8Array ? part : Buffer.from(JSON.stringify([...part]), 'latin1');
    });
    this.places.push({ name, bytes: Buffer.concat(bytes) });
    return answer;
  }

  /** `what in where` for every secret, in any of its encodings, in what was shown, in the log and in every file but the key. */
  async leaks(secrets: Readonly<Record<string, string>>, app: Searched): Promise<string[]> {
    return found(everyFormOf(secrets), [...this.places, ...(await placesOf(app))]);
  }
}

/** Where an app keeps what it was told: log, files, values, and the files again once the log of writes is in them. */
export async function placesOf(app: Searched): Promise<Place[]> {
  const { folder, databaseFile } = app;
  const before = await filesOf(folder, ['app.key']);
  const values = valuesOf(databaseFile);
  checkpoint(databaseFile);
  const after = await filesOf(folder, ['app.key']);
  return [{ name: 'log', bytes: Buffer.from(app.log()) }, ...before, ...values, ...after];
}

/** Each secret in every encoding there is. */
export function everyFormOf(secrets: Readonly<Record<string, string>>): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(secrets).map(([name, secret]) => [
      name,
      [...everyForm(secret), ...Object.values(MORE_ENCODINGS).map((encode) => encode(secret))],
    ]),
  );
}
