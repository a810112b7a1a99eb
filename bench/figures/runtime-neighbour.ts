import { setTimeout as sleep } from 'node:timers/promises';
import { createRuntime, type Isolation, type Plugin } from '@lockgate/runtime';
import { endlessGuest } from '@lockgate/testkit';
import type { Figure } from '../figure.ts';
import { echoPlugin, WAIT_URL } from '../guests/echo-plugin.ts';
import { messageOf } from '../guests/echo-protocol.ts';
import { quantile } from '../statistics.ts';

const WAIT_MS = 5;
/** What comes before is told by the slowest call of a thousand, not of a hundred: the neighbour has just started. */
const SETTLED_MS = 300;

const slowAnswer = (): Promise<Response> =>
  new Promise((resolve) => setTimeout(() => resolve(new Response('late')), WAIT_MS));

type Neighbour = (plugins: { readonly loops: Plugin; readonly waits: Plugin }, until: AbortSignal) => Promise<unknown>;

const loops: Neighbour = (plugins, until) => plugins.loops.execute('misbehave', {}, { signal: until });
const waits: Neighbour = async (plugins, until) => {
  while (!until.aborted) await plugins.waits.execute('wait', {});
};
const NEIGHBOURS: Readonly<Record<string, readonly Neighbour[]>> = {
  'one loops': [loops],
  'one waits on HTTP again and again': [waits],
  'one loops and another waits': [loops, waits],
};

function beside(isolation: Isolation, what: string, neighbours: readonly Neighbour[]): Figure {
  return {
    name: `runtime-neighbour: p99 of a quick ${isolation} plugin while ${what}, against alone`,
    unit: 'µs',
    aim: { ratio: 1.2, better: 'lower' },
    setup: async ({ quick }) => {
      const runtime = await createRuntime({ fetch: slowAnswer });
      const plugin = await runtime.loadPlugin(echoPlugin({ waits: false }), { isolation });
      const others = {
        loops: await runtime.loadPlugin(endlessGuest(), { abortGraceMs: 0 }),
        waits: await runtime.loadPlugin(echoPlugin({ waits: true }), { http: { allow: [new URL(WAIT_URL).hostname] } }),
      };
      const message = messageOf(100);
      const p99 = async (): Promise<number> => {
        const latencies = new Float64Array(quick ? 5_000 : 20_000);
        for (let n = 0; n < latencies.length; n++) {
          const started = performance.now();
          await plugin.execute('echo', { message });
          latencies[n] = (performance.now() - started) * 1000;
        }
        return quantile([...latencies.sort()], 0.99);
      };
      return {
        baseline: p99,
        subject: async () => {
          const stop = new AbortController();
          const done = Promise.allSettled(neighbours.map((neighbour) => neighbour(others, stop.signal)));
          await sleep(SETTLED_MS);
          try {
            return await p99();
          } finally {
            stop.abort();
            await done;
            await others.loops.name(); // a fresh instance, in a thread of its own, before the next half begins
          }
        },
        note: 'the loop is one call that goes on; the first 300 ms of the neighbours are not measured',
        [Symbol.asyncDispose]: () => runtime.close(),
      };
    },
  };
}

const figures: readonly Figure[] = (['worker', 'inline'] satisfies Isolation[]).flatMap((isolation) =>
  Object.entries(NEIGHBOURS).map(([what, neighbours]) => beside(isolation, what, neighbours)),
);

export default figures;
