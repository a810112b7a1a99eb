import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';

/** Listeners that are added and taken away in any order, functions and objects alike. */
const steps = fc.array(
  fc.record({ what: fc.constantFrom('function', 'object', 'remove'), which: fc.nat({ max: 5 }) }),
  { maxLength: 20 },
);

test('tells those who listen when it comes, in the order in which they began, each once', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const cancellation = new Cancellation();
      const told: string[] = [];
      const listening = new Map<string, () => void>();
      for (const [index, { what, which }] of taken.entries()) {
        const name = `${index}`;
        if (what === 'function')
          listening.set(
            name,
            cancellation.onCancel((reason) => told.push(`${name} ${reason}`)),
          );
        else if (what === 'object') {
          const listener = { cancel: (reason: unknown) => void told.push(`${name} ${reason}`) };
          cancellation.add(listener);
          listening.set(name, () => cancellation.remove(listener));
        } else {
          const gone = [...listening.keys()][which];
          if (gone === undefined) continue;
          listening.get(gone)?.();
          listening.delete(gone);
        }
      }
      cancellation.cancel('first');
      cancellation.cancel('second');
      expect(told).toEqual([...listening.keys()].map((name) => `${name} first`));
    }),
  );
});

test('tells at once who comes after it, and one that follows it ends with it unless it was detached', () => {
  const outer = new Cancellation();
  const [inner, detached] = [Cancellation.within(outer), Cancellation.within(outer)];
  detached.detach();
  outer.cancel('over');
  const told: unknown[] = [];
  outer.onCancel((reason) => told.push(reason));
  expect({ told, inner: inner.reason, detached: detached.cancelled }).toEqual({
    told: ['over'],
    inner: 'over',
    detached: false,
  });
});
