import { setImmediate as breathe } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { maskerFor } from '../../../src/secrets/masking.ts';
import { maskBody } from '../../../src/services/exchanges/mask-body.ts';

const SECRET = 's3cr3t-of-the-client';
const masker = maskerFor({ secrets: [SECRET], wide: false });

describe('a large body', () => {
  const clear = `{"a":"${'x'.repeat(300_000)}"`;

  test.each([
    ['with a secret across blocks', `${'x'.repeat(65_530)}${SECRET}${clear}`, false],
    ['cut within a secret', `${clear},"b":"${SECRET.slice(0, -1)}`, true],
    ['that is small', SECRET, false],
  ])('%s is masked as by its masker', async (_, text, isCut) => {
    const bytes = Buffer.from(text);
    const { bytes: wanted } = masker.body(bytes, 'application/json', isCut);
    const given = await maskBody(masker, bytes, 'application/json', isCut);
    expect(given.masked).toBe(true);
    expect(Buffer.from(given.bytes).equals(wanted)).toBe(true);
    expect(Buffer.from(given.bytes).toString()).not.toContain('s3cr3t');
  });

  test('without secrets is the same array', async () => {
    const bytes = Buffer.from(clear);
    const given = await maskBody(masker, bytes, 'application/json');
    expect(given.masked).toBe(false);
    expect(given.bytes).toBe(bytes);
  });

  test('lets others work in between', async () => {
    let turns = 0;
    const done = new AbortController();
    const others = (async () => {
      for (; !done.signal.aborted; turns += 1) await breathe();
    })();
    await maskBody(masker, Buffer.alloc(20 * 64 * 1024, '\\u0025'), 'application/json');
    done.abort();
    await others;
    expect(turns).toBeGreaterThanOrEqual(19);
  });
});
