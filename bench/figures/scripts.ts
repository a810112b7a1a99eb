import { monitorEventLoopDelay } from 'node:perf_hooks';
import { scriptsSection } from '../../packages/gateway/src/config/scripts-section.ts';
import { silentLogger } from '../../packages/gateway/src/logger.ts';
import { Cancellation } from '../../packages/gateway/src/protocol/cancellation.ts';
import { ScriptThreads } from '../../packages/gateway/src/script/script-threads.ts';
import type { Comparison } from '../figure.ts';
import { quantile } from '../statistics.ts';

const CLIENTS = 50;
const CALLS = 4;
const MANY = 16;
const NANOSECONDS_PER_MS = 1e6;

/** Scripts that use everything up, again and again, while the loop of the process is watched. */
const ATTACKS = [
  'for (;;);',
  'for (;;) await 1;',
  `/^(a+)+$/.test('a'.repeat(40) + 'b')`,
  'const a = []; for (;;) a.push(new ArrayBuffer(2 ** 20));',
  `for (;;) console.log('x'.repeat(1e4))`,
  `for (;;) api.tryCall('x', { a: 'x'.repeat(1e5) })`,
  'return Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)',
  `return new Array(1e5).fill('x')`,
];

const limits = scriptsSection.parse({ maxProcessorMs: 500, timeoutMs: 20_000 });
const answer = new TextEncoder().encode('{"content":[{"type":"text","text":"ok"}]}');

async function ran(threads: ScriptThreads, code: string, client = 'one'): Promise<string | undefined> {
  const asked = async (): Promise<Uint8Array> => new Uint8Array(answer);
  const outcome = await threads.run({ code, limits, cancellation: new Cancellation(), asked }, client);
  return outcome.kind === 'returned' ? outcome.text : JSON.stringify(outcome);
}

/** How long it takes from asking for a script of no work to having its result. */
async function starts(threads: ScriptThreads, count: number): Promise<{ readonly p50: number; readonly p99: number }> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    // Between scripts of one client there is at least the time in which a model reads the answer.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const start = performance.now();
    await ran(threads, 'return 1');
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/** Threads for one run of a measurement. */
async function withThreads<T>(maxRunning: number, work: (threads: ScriptThreads) => Promise<T>): Promise<T> {
  const threads = await ScriptThreads.open({ ...limits, maxRunning }, silentLogger);
  try {
    await ran(threads, 'return 1');
    return await work(threads);
  } finally {
    await threads.close();
  }
}

/** With threads that are started for the script. */
async function cold(count: number): Promise<{ readonly p50: number; readonly p99: number }> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    const threads = await ScriptThreads.open(limits, silentLogger);
    await ran(threads, 'return 1');
    times.push(performance.now() - start);
    await threads.close();
  }
  times.sort((a, b) => a - b);
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/** Many at once, of 50 clients, each with its calls at once. @throws where one of them is lost or wrong */
async function load(threads: ScriptThreads, scripts: number, atOnce: number): Promise<{ readonly perSecond: number }> {
  const code = `return (await Promise.all([${[...Array(CALLS).keys()]}].map((i) => api.call('x', { i })))).join('')`;
  const wrong: (string | undefined)[] = [];
  const began = performance.now();
  for (let first = 0; first < scripts; first += atOnce) {
    const all = Array.from({ length: atOnce }, (_, i) => ran(threads, code, `client ${i % CLIENTS}`));
    wrong.push(...(await Promise.all(all)).filter((text) => text !== 'ok'.repeat(CALLS)));
  }
  if (wrong.length > 0) throw new Error(`${wrong.length} of ${scripts} scripts are lost or wrong: ${wrong[0]}`);
  return { perSecond: (scripts / (performance.now() - began)) * 1_000 };
}

/** The loop of this process while something runs. */
async function watched(work: () => Promise<unknown>): Promise<{ readonly loop: number; readonly longest: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  return { loop: delay.percentile(99) / NANOSECONDS_PER_MS, longest: delay.max / NANOSECONDS_PER_MS };
}

const nothingElse = { [Symbol.asyncDispose]: async () => {} };

const figures: readonly Comparison[] = [
  {
    name: 'scripts: start of one of no work',
    measures: [
      { key: 'p50', title: 'p50', unit: 'ms' },
      { key: 'p99', title: 'p99', unit: 'ms' },
    ],
    async setup({ quick }) {
      return {
        subject: () => withThreads(MANY, (threads) => starts(threads, quick ? 20 : 100)),
        references: { 'a thread for each script': () => cold(quick ? 4 : 10) },
        ...nothingElse,
      };
    },
  },
  {
    name: 'scripts: many at once of 50 clients',
    measures: [{ key: 'perSecond', title: 'none lost', unit: '1/s' }],
    async setup({ quick }) {
      const scripts = quick ? 200 : 1_000;
      return {
        subject: () => withThreads(MANY, (threads) => load(threads, scripts, scripts)),
        references: {
          'two threads, a hundred at once': () => withThreads(2, (threads) => load(threads, scripts, 100)),
        },
        note: 'each makes four calls, which the process itself answers at once',
        ...nothingElse,
      };
    },
  },
  {
    name: 'scripts: event loop under attack',
    measures: [
      { key: 'loop', title: 'p99', unit: 'ms' },
      { key: 'longest', title: 'longest', unit: 'ms' },
    ],
    async setup() {
      return {
        subject: () =>
          withThreads(MANY, (threads) => watched(() => Promise.all(ATTACKS.map((one) => ran(threads, one, one))))),
        references: { 'nothing runs': () => watched(() => new Promise((resolve) => setTimeout(resolve, 3_000))) },
        note: 'eight at once loop, backtrack, fill memory, log and call without an end, until their limits end them',
        ...nothingElse,
      };
    },
  },
];

export default figures;
