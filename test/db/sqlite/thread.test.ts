import { setImmediate as breathe } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Thread } from '../../../src/db/sqlite/thread.ts';
import type { Errand } from './thread-worker.ts';

let thread: Thread<Errand, string>;
beforeEach(() => {
  thread = new Thread(new URL('./thread-worker.ts', import.meta.url), { greeting: 'Hello' });
});
afterEach(() => thread.close());

const ask = (what: Errand['what'], text = '') => thread.ask({ what, text });

describe('a thread', () => {
  test('answers one question after another, in the order they were asked', async () => {
    const told: string[] = [];
    await Promise.all(['one', 'two', 'three'].map(async (text) => told.push(await ask('tell', text))));
    expect(told).toEqual(['Hello one', 'Hello two', 'Hello three']);
  });

  test('passes on what is thrown there, and answers the next question', async () => {
    const [thrown, next] = await Promise.allSettled([ask('throw', 'Too far.'), ask('tell', 'again')]);
    expect(thrown).toMatchObject({ reason: { name: 'RangeError', message: 'Too far.' } });
    expect(next).toMatchObject({ value: 'Hello again' });
  });

  test('that ends fails the question under way, and is replaced by the next one', async () => {
    const [ended, next] = await Promise.allSettled([ask('exit'), ask('tell', 'again')]);
    expect(ended).toMatchObject({ reason: { message: 'A thread ended before it had an answer.' } });
    expect(next).toMatchObject({ value: 'Hello again' });
  });

  test('that cannot take a question says so, and answers the next', async () => {
    await expect(thread.ask({ what: 'tell', text: () => null } as never)).rejects.toThrow('could not be cloned');
    expect(await ask('tell', 'again')).toBe('Hello again');
  });
});

describe('a thread that is closed', () => {
  test('fails the question under way, those that wait and those that come later', async () => {
    expect(await ask('tell', 'first')).toBe('Hello first');
    const under = expect(ask('hang')).rejects.toThrow('A thread ended before it had an answer.');
    const waiting = expect(ask('tell')).rejects.toThrow('This thread is closed.');
    // By then it is on its way to the thread.
    await breathe();
    await thread.close();
    await under;
    await waiting;
    await expect(ask('tell')).rejects.toThrow('This thread is closed.');
  });

  test('was never started where nobody had asked', async () => {
    await thread.close();
    await expect(ask('tell')).rejects.toThrow('This thread is closed.');
  });
});
