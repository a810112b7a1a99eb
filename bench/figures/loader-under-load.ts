import { createLoader } from '@lockgate/loader';
import { createRuntime, type Isolation, type Plugin } from '@lockgate/runtime';
import { versionGuest } from '@lockgate/testkit';
import type { Figure } from '../figure.ts';

const CALLERS = 32;
const RELOAD_EVERY_MS = 50;

interface Load {
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

interface Reading {
  readonly of: keyof Load;
  readonly label: string;
  readonly unit: string;
  readonly aim?: (isolation: Isolation) => Figure['aim'];
}

/** Starting a thread takes a good part of 50 ms of one core, on a machine with few of them. */
const throughput = (isolation: Isolation): Figure['aim'] => ({
  ratio: isolation === 'worker' ? 0.5 : 0.8,
  better: 'higher',
});

const readings: readonly Reading[] = [
  { of: 'callsPerSecond', label: 'calls', unit: 'calls/s', aim: throughput },
  { of: 'p50Ms', label: 'median call', unit: 'ms', aim: () => ({ ratio: 1.25, better: 'lower' }) },
  { of: 'p99Ms', label: 'p99 call', unit: 'ms', aim: () => ({ ratio: 3, better: 'lower' }) },
  { of: 'maxMs', label: 'longest call', unit: 'ms' },
];

/** 32 callers, with a swap every 50 ms, against the same without. */
function underReload(isolation: Isolation, { of, label, unit, ...reading }: Reading): Figure {
  const aim = reading.aim?.(isolation);
  return {
    name: `loader ${isolation}, ${label} of 32 callers with a reload every ${RELOAD_EVERY_MS} ms`,
    unit,
    ...(aim === undefined ? {} : { aim }),
    async setup({ quick }) {
      const runtime = await createRuntime({ isolation });
      const loader = createLoader({ runtime });
      const versions = [versionGuest('A'), versionGuest('B')] as const;
      const plugin = await loader.load(versions[0], { name: 'guest' });
      const durationMs = quick ? 300 : 1_000;
      let reloads = 0;
      const reload = async (): Promise<void> => {
        reloads += 1;
        await loader.reload('guest', versions[reloads % 2 === 0 ? 0 : 1]);
      };
      return {
        baseline: async () => (await measureLoad(plugin, durationMs))[of],
        async subject() {
          const reloading: Promise<void>[] = [];
          const timer = setInterval(() => reloading.push(reload()), RELOAD_EVERY_MS);
          const load = await measureLoad(plugin, durationMs);
          clearInterval(timer);
          await Promise.all(reloading);
          return load[of];
        },
        note: 'a call fails the whole figure when it fails; the duration of a call is what its caller sees',
        async [Symbol.asyncDispose]() {
          await loader.close();
          await runtime.close();
        },
      };
    },
  };
}

async function measureLoad(plugin: Plugin, durationMs: number): Promise<Load> {
  const durationsMs: number[] = [];
  const started = performance.now();
  const callers = Array.from({ length: CALLERS }, async () => {
    for (let calls = 1; performance.now() - started < durationMs; calls += 1) {
      const callStarted = performance.now();
      const { data, isError } = await plugin.execute('echo', { message: 'x' });
      durationsMs.push(performance.now() - callStarted);
      if (isError || data.slice(1) !== ':x') throw new Error(`A call was answered "${data}".`);
      // Inline, calls that never wait would keep the event loop from turning: no reload could begin.
      if (calls % 16 === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
  });
  await Promise.all(callers);
  const seconds = (performance.now() - started) / 1000;
  durationsMs.sort((a, b) => a - b);
  const quantile = (q: number): number =>
    durationsMs[Math.min(durationsMs.length - 1, Math.floor(durationsMs.length * q))] ?? 0;
  return {
    callsPerSecond: durationsMs.length / seconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    maxMs: quantile(1),
  };
}

const figures: readonly Figure[] = (['inline', 'worker'] as const).flatMap((isolation) =>
  readings.map((reading) => underReload(isolation, reading)),
);

export default figures;
