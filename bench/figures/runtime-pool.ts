import { createRuntime, type Isolation } from '@lockgate/runtime';
import type { Figure } from '../figure.ts';
import { echoPlugin, WAIT_URL } from '../guests/echo-plugin.ts';
import { callsPerSecond } from '../subjects/callers.ts';

const WAIT_MS = 5;
const CALLERS = 64;

const slowAnswer = (): Promise<Response> =>
  new Promise((resolve) => setTimeout(() => resolve(new Response('late')), WAIT_MS));

const figures: readonly Figure[] = (['worker', 'inline'] satisfies Isolation[]).map((isolation) => ({
  name: `runtime-pool of 8 against one instance, ${isolation}: ${CALLERS} callers whose guest waits ${WAIT_MS} ms on HTTP`,
  unit: 'calls/s',
  aim: { ratio: 7, better: 'higher' },
  setup: async ({ quick }) => {
    const runtime = await createRuntime({ isolation, fetch: slowAnswer });
    const load = (count: number) =>
      runtime.loadPlugin(echoPlugin({ waits: true }), {
        instances: { min: count, max: count },
        http: { allow: [new URL(WAIT_URL).hostname] },
      });
    const [one, pool] = [await load(1), await load(8)];
    const calls = quick ? 64 : 256;
    return {
      baseline: () => callsPerSecond(CALLERS, calls, () => one.execute('wait', {})),
      subject: () => callsPerSecond(CALLERS, calls * 4, () => pool.execute('wait', {})),
      [Symbol.asyncDispose]: () => runtime.close(),
    };
  },
}));

export default figures;
