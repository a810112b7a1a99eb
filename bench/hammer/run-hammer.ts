import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { HammerJob, HammerReport } from './hammer-program.ts';

const PROGRAM = new URL('hammer-program.ts', import.meta.url);
/** Answers "event loop?" with how late timers were since the last question, in ms. */
const PROBE = new URL('../../scripts/soak/loop-probe.mjs', import.meta.url).href;

const END_MS = 10_000;

/** A report, with what the process that made it could not know. */
export interface HammerRun extends HammerReport {
  readonly isolation: HammerJob['isolation'];
  /** How long the event loop's own work kept a timer waiting. */
  readonly loop: { readonly p99Ms: number; readonly maxMs: number; readonly ticks: number };
}

/** Hammers under that Node in a process of its own. @throws Error where that ends without a report */
export async function runHammer(node: string, job: HammerJob): Promise<HammerRun> {
  using child = fork(PROGRAM, [JSON.stringify(job)], {
    execPath: node,
    // As it is deployed. With an arena for each thread glibc keeps so much of what they have freed that a leak would not show.
    env: { ...process.env, MALLOC_ARENA_MAX: '2' },
    execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning', '--import', PROBE],
  });
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the hammer ended without a report: ${signal ?? `exit code ${code}`}`);
  });
  ended.catch(() => undefined); // counts while somebody waits for a message, and not afterwards
  const report = (await nextMessage(child, ended)) as HammerReport;
  const own = Float64Array.from(await eventLoop(child, ended)).sort();
  child.disconnect();
  const problems = [...report.problems, ...(await staysAlive(child))];
  return {
    ...{ ...report, problems },
    isolation: job.isolation,
    loop: { p99Ms: own[Math.floor(own.length * 0.99)] ?? 0, maxMs: own.at(-1) ?? 0, ticks: own.length },
  };
}

/** Nothing of what was closed may keep the process from ending. */
async function staysAlive(child: ChildProcess): Promise<readonly string[]> {
  const limit = AbortSignal.timeout(END_MS);
  const isOver = await once(child, 'exit', { signal: limit }).then(
    () => true,
    () => false,
  );
  return isOver ? [] : [`its process had not ended ${END_MS / 1_000} s after everything was closed`];
}

async function eventLoop(child: ChildProcess, ended: Promise<never>): Promise<readonly number[]> {
  child.send('event loop?');
  const { own } = (await nextMessage(child, ended)) as { readonly own: readonly number[] };
  return own;
}

async function nextMessage(child: ChildProcess, ended: Promise<never>): Promise<unknown> {
  const [message] = await Promise.race([once(child, 'message'), ended]);
  return message;
}
