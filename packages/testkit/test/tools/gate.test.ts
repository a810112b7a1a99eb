import { describe, expect, test } from 'vitest';
import { Gate, idle } from '../../src/index.ts';

describe('Gate', () => {
  test('holds whoever passes until it is opened, and nobody after that', async () => {
    const gate = new Gate();
    const passed: string[] = [];
    const first = gate.pass().then(() => passed.push('first'));
    await gate.reached;
    await idle();
    expect(passed).toEqual([]);
    expect(gate.waiting).toBe(1);
    gate.open();
    await first;
    await gate.pass();
    expect(passed).toEqual(['first']);
    expect(gate.waiting).toBe(0);
  });

  test('lets go of whoever is aborted, with the reason', async () => {
    const gate = new Gate();
    const leaving = new AbortController();
    const reason = new Error('gone');
    const held = gate.pass(leaving.signal);
    leaving.abort(reason);
    await expect(held).rejects.toBe(reason);
    await expect(gate.pass(leaving.signal)).rejects.toBe(reason);
    expect(gate.waiting).toBe(0);
  });
});
