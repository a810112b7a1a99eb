import assert from 'node:assert/strict';
import type { Labels } from '@lockgate/abi';
import { SuiteWriter, type Supports, type TestApi } from '../test-api.ts';
import { inTime } from '../tools/in-time.ts';
import { type InterleaveOptions, interleave, type Steps } from '../tools/interleave.ts';

/** How the labels suite takes part in a subject's calls: the subject awaits both, for every call, in this order. */
export interface CreateLabelsOptions {
  /** While the guard says which labels the call's resource carries, before the flow is checked. */
  guard(call: string): Promise<void>;
  /** While the backend works; not called for a call that was denied. */
  backend(call: string): Promise<void>;
}

/** One agent in propagate mode, seen through whole calls. */
export interface LabelsSubject {
  /** Reads something with these labels, to the end of the call. `call` is passed on to `guard` and `backend`. */
  read(call: string, resource: Labels): Promise<void>;
  /** Writes to a sink with these labels; false when the write was denied. */
  write(call: string, resource: Labels): Promise<boolean>;
  /** The agent's labels now. */
  labels(): Labels;
}

/** A subject's factory. */
export interface LabelsSuiteOptions extends InterleaveOptions {
  create(options: CreateLabelsOptions): Promise<LabelsSubject>;
  /** `integrity`: labels have an integrity part. */
  readonly supports?: Supports<'integrity'>;
  /** Calls side by side. @default 64 */
  readonly calls?: number;
}

const PUBLIC: Labels = { secrecy: [], integrity: [] };

/** Concurrent calls of one agent lose no label, and no write gets past a read that forbids it. Source: DIFC.md, "Concurrent calls". */
export function labelsSuite(t: TestApi, options: LabelsSuiteOptions): void {
  const suite = new SuiteWriter(t, options.supports);
  const calls = options.calls ?? 64;
  const open = (steps: Steps) =>
    options.create({
      guard: (call) => steps.step(`guard ${call}`),
      backend: (call) => steps.step(`backend ${call}`),
    });
  const explore = (runs: number, scenario: (steps: Steps) => Promise<void>) =>
    interleave((steps) => inTime(scenario(steps), 'the calls, in one of the orders tried'), { runs, ...options });

  t.describe('labels', () => {
    suite.it('no label that a read brought is lost', () =>
      explore(50, async (steps) => {
        const subject = await open(steps);
        const tags = ['a', 'b', 'c', 'd'];
        await Promise.all(tags.map((tag) => subject.read(tag, { secrecy: [tag], integrity: [] })));
        assert.deepEqual([...subject.labels().secrecy].sort(), tags);
      }),
    );

    suite.itWith(['integrity'], 'integrity is what vouched for everything that was read', () =>
      explore(50, async (steps) => {
        const subject = await open(steps);
        const reads = [
          ['x', 'y', 'z'],
          ['y', 'z'],
          ['w', 'y', 'z'],
        ];
        await Promise.all(reads.map((integrity, read) => subject.read(`${read}`, { secrecy: [], integrity })));
        assert.deepEqual([...subject.labels().integrity].sort(), ['y', 'z']);
      }),
    );

    suite.it(`of ${calls} calls, no write passes that was checked after a read which forbids it`, () =>
      explore(20, async (steps) => {
        let forbidden = false;
        const checkedLate = new Set<string>();
        const subject = await options.create({
          guard: async (call) => {
            await steps.step(`guard ${call}`);
            if (forbidden) checkedLate.add(call);
          },
          backend: (call) => steps.step(`backend ${call}`),
        });
        const read = async (call: string): Promise<void> => {
          await subject.read(call, { secrecy: ['secret'], integrity: [] });
          forbidden = true;
        };
        const write = async (call: string): Promise<void> => {
          const passed = await subject.write(call, PUBLIC);
          assert.ok(
            !passed || !checkedLate.has(call),
            `${call} passed, though a read had completed before it was checked`,
          );
        };
        const one = (number: number) => (number % 8 === 0 ? read(`read ${number}`) : write(`write ${number}`));
        await Promise.all(Array.from({ length: calls }, (_, number) => one(number)));
      }),
    );

    suite.it('a write to a sink that may have what was read passes', () =>
      explore(20, async (steps) => {
        const subject = await open(steps);
        const secret: Labels = { secrecy: ['secret'], integrity: [] };
        await subject.read('read', secret);
        assert.equal(await subject.write('write', secret), true);
      }),
    );

    suite.it('a write that its sink may have only in part is denied, and not made', () =>
      explore(20, async (steps) => {
        const made: string[] = [];
        const subject = await options.create({
          guard: (call) => steps.step(`guard ${call}`),
          backend: async (call) => {
            made.push(call);
            await steps.step(`backend ${call}`);
          },
        });
        await subject.read('read', { secrecy: ['a', 'b', 'c'], integrity: [] });
        for (const secrecy of [['a'], ['b'], ['a', 'b'], ['b', 'c'], []]) {
          const call = `write to ${secrecy.join(' and ') || 'the public'}`;
          const passed = await subject.write(call, { secrecy, integrity: [] });
          assert.equal(
            passed,
            false,
            `${call}, after a read of a, b and c. Compare every label with those of the sink`,
          );
        }
        assert.deepEqual(made, ['read'], 'calls that reached the backend. Ask it only once a write is allowed');
      }),
    );

    suite.it('labels only ever become more restrictive', () =>
      explore(1, async (steps) => {
        const subject = await open(steps);
        let seen: readonly string[] = [];
        const look = (by: string): void => {
          const now = subject.labels().secrecy;
          assert.ok(
            seen.every((tag) => now.includes(tag)),
            `"${seen.join()}" became "${now.join()}" by ${by}`,
          );
          seen = now;
        };
        for (const secrecy of [['a'], ['b'], [], ['a'], ['c', 'd'], []]) {
          await subject.read(secrecy.join(), { secrecy, integrity: [] });
          look(`reading "${secrecy.join()}"`);
          await subject.write('a write that is denied', PUBLIC);
          await subject.write('a write that passes', subject.labels());
          look('a write');
        }
      }),
    );
  });
}
