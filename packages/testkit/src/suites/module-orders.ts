import assert from 'node:assert/strict';
import type { ModuleSuiteOptions } from '../subjects.ts';
import { SuiteWriter, type TestApi } from '../test-api.ts';
import { inTime } from '../tools/in-time.ts';
import { type InterleaveOptions, interleave, type Steps } from '../tools/interleave.ts';
import { openModule } from './open-module.ts';

/** How many orders to try, or which one. */
export type OrdersSuiteOptions = ModuleSuiteOptions & InterleaveOptions;

const CALLS = [1, 2, 3, 4];

/** Calls, an abort, a backend's answer and a close, in explored orders; a failure prints the shortest one and the line that replays it. */
export function moduleOrdersSuite(t: TestApi, options: OrdersSuiteOptions): void {
  const suite = new SuiteWriter(t, options.supports);
  const runs = options.runs ?? 40;

  t.describe('orders', () => {
    suite.itWith(
      ['http', 'signal', 'afterClose'],
      `each call has an end it may have, in ${runs} orders of things`,
      () => interleave((steps) => scenario(options, steps), { ...options, runs }),
    );
  });
}

async function scenario(options: ModuleSuiteOptions, { step }: Steps): Promise<void> {
  await using module = await openModule(options, 'fetch-echo');
  const { subject, backend, trace } = module;
  const gate = backend.gate('1');
  const reason = new Error('the client has gone');
  const leaving = new AbortController();
  let enteredAtClose = 0;

  const call = async (number: number): Promise<void> => {
    await step(`call ${number}`);
    const tool = number === 1 ? 'fetch-then-echo' : 'echo';
    const aborted = number === 2 ? { signal: leaving.signal } : {};
    const running = subject.execute(tool, { message: `${number}` }, aborted).catch((error: unknown) => error);
    const answer = await inTime(running, `call ${number}`);
    if (number === 2 && answer === reason) return;
    if (answer instanceof Error) throw new Error(`call ${number} was rejected`, { cause: answer });
    const { data, isError } = answer as { readonly data: string; readonly isError: boolean };
    assert.equal(data, isError ? 'wasm: module closed' : `${number}`, `the end of call ${number}`);
  };
  const abort = async (): Promise<void> => {
    await step('abort 2');
    leaving.abort(reason);
  };
  const answerBackend = async (): Promise<void> => {
    await step('backend answers 1');
    gate.open();
  };
  const close = async (): Promise<void> => {
    await step('close');
    await inTime(subject.close(), 'the close');
    enteredAtClose = trace.after('enter ').length;
  };

  await Promise.all([...CALLS.map(call), abort(), answerBackend(), close()]);
  assert.equal(
    trace.after('enter ').length,
    enteredAtClose,
    'calls that had entered when the close was done, and in the end',
  );
}
