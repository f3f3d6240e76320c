import { describe, expect, test } from '@jest/globals';
import { createLogger } from '../../src/kernel/logger.ts';
import { maskFacts } from '../../src/secrets/log-masking.ts';

function open(options: Partial<Parameters<typeof createLogger>[0]> = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { lines, logger: createLogger({ level: 'info', format: 'json', maskFacts, destination, ...options }) };
}

describe('a line of the log', () => {
  test('is JSON with its facts, its sentence and the time', () => {
    const { lines, logger } = open();

    logger.info({ id: 'r1', status: 200 }, 'A request was answered.');

    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.+Z$/),
      id: 'r1',
      status: 200,
      msg: 'A request was answered.',
    });
  });

  test('is not written below the level', () => {
    const { lines, logger } = open({ level: 'warn' });

    logger.info({}, 'No.');
    logger.debug({}, 'No.');
    logger.warn({}, 'Yes.');

    expect(lines).toHaveLength(1);
  });

  test('holds no secret', () => {
    const { lines, logger } = open();

    logger.info({ authorization: 'Bearer hunter2-hunter2', call: { refresh_token: 'hunter2-hunter2' } }, 'A call.');

    expect(lines.join()).not.toContain('hunter2');
    expect(lines.join()).toContain('*redacted*');
  });

  test('can be read by people', () => {
    const { lines, logger } = open({ format: 'pretty' });

    logger.warn({ password: 'hunter2-hunter2' }, 'Mind this.');

    expect(lines.join()).toMatch(/WARN.*: Mind this\./);
    expect(lines.join()).not.toContain('hunter2');
  });
});

describe('an error in the log', () => {
  test('is told by name, code, message, frames and cause, and by nothing that hangs on it', () => {
    const { lines, logger } = open();
    const cause = Object.assign(new TypeError('the cause'), { request: { headers: 'hunter2-hunter2' } });
    const error = Object.assign(new Error('access_token=hunter2-hunter2 is bad', { cause }), {
      code: 'E_BAD',
      config: { headers: { Authorization: 'hunter2-hunter2' } },
    });

    logger.error({ error }, 'It failed.');

    expect(lines.join()).not.toContain('hunter2');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      error: { name: 'Error', code: 'E_BAD', cause: { name: 'TypeError', message: 'the cause' } },
    });
    expect(Object.keys((JSON.parse(lines[0] ?? '') as { error: object }).error)).toEqual([
      'name',
      'code',
      'message',
      'frames',
      'cause',
    ]);
    expect(lines.join()).toContain('logger.test.ts');
  });
});
