import { Gate } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { StoredCount } from '../../src/limits/stored-count.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { type RecordKind, Records } from '../../src/state/records.ts';
import { StateError } from '../../src/state/state-error.ts';
import { wrapped } from '../state/wrapped-store.ts';

const numbers: RecordKind<number> = { prefix: 'number', parse: (value) => value as number };

/** A count of which each write waits for the gate, and fails where the test says so. */
function counted() {
  const gate = new Gate();
  const writes: string[] = [];
  const it = { away: false };
  const memory = createMemoryStore({ now: () => performance.now() });
  const store = wrapped(memory, async (operation) => {
    if (operation !== 'compareAndSet') return;
    writes.push(operation);
    await gate.pass();
    if (it.away) throw new StateError({ kind: 'unreachable', reason: 'away' });
  });
  const records = new Records(store, numbers);
  return { gate, writes, it, records, count: new StoredCount(records, ['one'], 60_000) };
}

test('changes that come while another is on its way are made together, in their order, and each is told what it found', async () => {
  const { gate, writes, records, count } = counted();
  const found: (number | undefined)[] = [];
  const limit = 8;
  const take = (): Promise<number | undefined> => {
    let at: number | undefined;
    return count
      .change((now = 0) => {
        at = now;
        return now < limit ? now + 1 : now;
      })
      .then(() => at);
  };
  const first = take();
  await gate.reached;
  const rest = Array.from({ length: 20 }, take);
  gate.open();
  found.push(await first, ...(await Promise.all(rest)));
  expect(found).toEqual(Array.from({ length: 21 }, (_, index) => Math.min(index, limit)));
  expect(await records.get(['one'])).toBe(limit);
  expect(writes).toHaveLength(2);
  expect(count.isIdle).toBe(true);
});

test('changes made together fail together where the store does, and the next one is made', async () => {
  const { gate, it, records, count } = counted();
  const more = (): Promise<void> => count.change((now = 0) => now + 1);
  it.away = true;
  const failed = [more()];
  await gate.reached;
  failed.push(more(), more());
  gate.open();
  for (const { status } of await Promise.allSettled(failed)) expect(status).toBe('rejected');
  it.away = false;
  await more();
  expect(await records.get(['one'])).toBe(1);
});
