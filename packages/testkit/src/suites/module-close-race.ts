import assert from 'node:assert/strict';
import type { ModuleSuiteOptions } from '../subjects.ts';
import { lacks, SuiteWriter, type TestApi } from '../test-api.ts';
import { Backend } from '../tools/backend.ts';
import { idle } from '../tools/idle.ts';
import { inTime } from '../tools/in-time.ts';
import { openModule } from './open-module.ts';

/** How hard to race. */
export interface CloseRaceOptions extends ModuleSuiteOptions {
  /** @default 20 */
  readonly rounds?: number;
  /** Calls in flight when close is called. @default 32 */
  readonly callers?: number;
}

/** `close` against calls in flight, round after round, each time at another moment. */
export function moduleCloseRaceSuite(t: TestApi, options: CloseRaceOptions): void {
  const suite = new SuiteWriter(t, options.supports);
  const rounds = options.rounds ?? 20;
  const callers = options.callers ?? 32;

  t.describe('close race', () => {
    suite.itWith(
      ['http'],
      `every call ends in its answer or as a late one (${rounds} rounds, ${callers} callers)`,
      async () => {
        for (let round = 0; round < rounds; round += 1) {
          await using module = await openModule(options, 'fetch-echo', {
            backend: new Backend((message) => Number(message) % 3),
          });
          const calls = Array.from({ length: callers }, async (_, caller) => {
            const tool = caller % 2 === 0 ? 'echo' : 'fetch-then-echo';
            const answer = await module.subject
              .execute(tool, { message: `${caller}` })
              .catch((error: unknown) => error);
            return { caller, answer };
          });
          await idle(round % 7);
          await inTime(module.subject.close(), `the close of round ${round}`);
          const entered = module.trace.after('enter ').length;
          for (const { caller, answer } of await inTime(Promise.all(calls), `the calls of round ${round}`)) {
            check(answer, `${caller}`, !lacks(options.supports, 'afterClose'));
          }
          await idle(5);
          assert.equal(
            module.trace.after('enter ').length,
            entered,
            `calls that entered after the close of round ${round}`,
          );
        }
      },
    );
  });
}

function check(answer: unknown, message: string, afterClose: boolean): void {
  if (answer instanceof Error) {
    if (afterClose) throw new Error(`call ${message} was rejected`, { cause: answer });
    return;
  }
  const { data, isError } = answer as { data: string; isError: boolean };
  if (!isError) assert.equal(data, message, 'an answer that belongs to another call');
  else if (afterClose) assert.equal(data, 'wasm: module closed', `the late answer of call ${message}`);
}
