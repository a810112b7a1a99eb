import { createRuntime, type Isolation, type Plugin } from '@lockgate/runtime';
import { endlessGuest } from '@lockgate/testkit';
import type { Figure } from '../figure.ts';
import { echoPlugin, WAIT_URL } from '../guests/echo-plugin.ts';
import { messageOf } from '../guests/echo-protocol.ts';
import { quantile } from '../statistics.ts';

const LOOP_MS = 250;
const WAIT_MS = 5;

const slowAnswer = (): Promise<Response> =>
  new Promise((resolve) => setTimeout(() => resolve(new Response('late')), WAIT_MS));

/** Two plugins that misbehave for as long as they are asked to: one loops until it is stopped, one waits again and again. */
class Neighbours {
  readonly #loops: Plugin;
  readonly #waits: Plugin;
  #busy = false;
  #done: Promise<unknown> = Promise.resolve();

  constructor(loops: Plugin, waits: Plugin) {
    this.#loops = loops;
    this.#waits = waits;
  }

  start(): void {
    this.#busy = true;
    this.#done = Promise.all([
      this.#repeat(() => this.#loops.execute('misbehave', {})),
      this.#repeat(() => this.#waits.execute('wait', {})),
    ]);
  }

  async stop(): Promise<void> {
    this.#busy = false;
    await this.#done;
  }

  async #repeat(call: () => Promise<unknown>): Promise<void> {
    while (this.#busy) await call().catch(() => undefined);
  }
}

const figures: readonly Figure[] = (['worker', 'inline'] satisfies Isolation[]).map((isolation) => ({
  name: `runtime-neighbour: p99 of a quick ${isolation} plugin while others loop and wait, against without them`,
  unit: 'µs',
  aim: { ratio: 1.1, better: 'lower' },
  setup: async ({ quick }) => {
    const runtime = await createRuntime({ fetch: slowAnswer });
    const plugin = await runtime.loadPlugin(echoPlugin({ waits: false }), { isolation });
    const neighbours = new Neighbours(
      await runtime.loadPlugin(endlessGuest(), { isolation: 'worker', callTimeoutMs: LOOP_MS }),
      await runtime.loadPlugin(echoPlugin({ waits: true }), {
        isolation: 'worker',
        http: { allow: [new URL(WAIT_URL).hostname] },
      }),
    );
    const message = messageOf(100);
    const p99 = async (): Promise<number> => {
      const latencies = new Float64Array(quick ? 2_000 : 20_000);
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
        neighbours.start();
        try {
          return await p99();
        } finally {
          await neighbours.stop();
        }
      },
      note: `the looping plugin holds one processor; it is stopped and started again every ${LOOP_MS} ms`,
      [Symbol.asyncDispose]: () => runtime.close(),
    };
  },
}));

export default figures;
