import { describe, expect, test } from '@jest/globals';
import { QueueFull } from '../../src/kernel/errors.ts';
import { CallGate, type LeaveGate } from '../../src/outbound/call-gate.ts';

const never = new AbortController().signal;

/** Enters many and notes the order in which they got in. */
function visitors(gate: CallGate) {
  const inside: string[] = [];
  const leave = new Map<string, LeaveGate>();
  return {
    inside,
    leave: (name: string) => leave.get(name)!(),
    async enter(name: string, key: string, width: number, signal = never): Promise<void> {
      const left = await gate.enter({ key, width }, signal);
      inside.push(name);
      leave.set(name, left);
    },
    settled: () => new Promise(setImmediate),
  };
}

describe('the gate', () => {
  test('lets in as many as its width and the rest in their order', async () => {
    const visit = visitors(new CallGate({ width: 2, line: 10 }));
    for (const name of ['a1', 'a2', 'a3', 'a4']) void visit.enter(name, 'a', 9);
    await visit.settled();
    expect(visit.inside).toEqual(['a1', 'a2']);
    visit.leave('a2');
    visit.leave('a1');
    await visit.settled();
    expect(visit.inside).toEqual(['a1', 'a2', 'a3', 'a4']);
  });

  test('keeps a full lane from holding up the others', async () => {
    const visit = visitors(new CallGate({ width: 10, line: 10 }));
    for (const name of ['a1', 'a2', 'a3']) void visit.enter(name, 'a', 1);
    void visit.enter('b1', 'b', 1);
    await visit.settled();
    expect(visit.inside).toEqual(['a1', 'b1']);
    visit.leave('a1');
    await visit.settled();
    expect(visit.inside).toEqual(['a1', 'b1', 'a2']);
  });

  test('gives lanes their turn, however long one of them is', async () => {
    const visit = visitors(new CallGate({ width: 1, line: 100 }));
    for (let at = 0; at < 50; at += 1) void visit.enter(`a${at}`, 'a', 9);
    void visit.enter('b0', 'b', 9);
    await visit.settled();
    visit.leave('a0');
    await visit.settled();
    visit.leave(visit.inside.at(-1)!);
    await visit.settled();
    expect(visit.inside).toContain('b0');
  });

  test('throws QueueFull beyond the line, and takes one again after one left', async () => {
    const visit = visitors(new CallGate({ width: 1, line: 1 }));
    void visit.enter('a1', 'a', 1);
    void visit.enter('a2', 'a', 1);
    await expect(visit.enter('a3', 'a', 1)).rejects.toBeInstanceOf(QueueFull);
    await expect(visit.enter('b1', 'b', 1)).rejects.toBeInstanceOf(QueueFull);
    visit.leave('a1');
    await visit.settled();
    void visit.enter('a4', 'a', 1);
    visit.leave('a2');
    await visit.settled();
    expect(visit.inside).toEqual(['a1', 'a2', 'a4']);
  });

  test('forgets who gave up in line', async () => {
    const visit = visitors(new CallGate({ width: 1, line: 1 }));
    const stop = new AbortController();
    void visit.enter('a1', 'a', 1);
    const waiting = visit.enter('a2', 'a', 1, stop.signal);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    void visit.enter('a3', 'a', 1);
    visit.leave('a1');
    await visit.settled();
    expect(visit.inside).toEqual(['a1', 'a3']);
  });

  test('counts one place once, however often it is given back', async () => {
    const visit = visitors(new CallGate({ width: 1, line: 5 }));
    for (const name of ['a1', 'a2', 'a3']) void visit.enter(name, 'a', 5);
    await visit.settled();
    visit.leave('a1');
    visit.leave('a1');
    await visit.settled();
    expect(visit.inside).toEqual(['a1', 'a2']);
  });
});
