import { createRuntime } from '@lockgate/runtime';
import type { Figure } from '../figure.ts';
import { echoPlugin } from '../guests/echo-plugin.ts';
import { ANSWER_END, ANSWER_START, messageOf } from '../guests/echo-protocol.ts';
import { openBareWorker } from '../subjects/bare-worker.ts';
import { microsecondsPerCall } from '../subjects/callers.ts';

const SIZES = [
  { label: '100 B', bytes: 100, calls: 5_000 },
  { label: '10 kB', bytes: 10_000, calls: 3_000 },
  { label: '1 MB', bytes: 1_000_000, calls: 50 },
] as const;

const figures: readonly Figure[] = SIZES.map(({ label, bytes, calls }) => ({
  name: `runtime-worker call against a bare postMessage round trip: ${label}`,
  unit: 'µs/call',
  aim: { ratio: 1.3, better: 'lower' },
  setup: async ({ quick }) => {
    const message = messageOf(bytes);
    const bare = await openBareWorker(bytes, message.length + ANSWER_START.length + ANSWER_END.length);
    const runtime = await createRuntime({ isolation: 'worker' });
    const plugin = await runtime.loadPlugin(echoPlugin({ waits: false }));
    const rounds = quick ? Math.ceil(calls / 5) : calls;
    return {
      baseline: () => microsecondsPerCall(rounds, () => bare.roundTrip()),
      subject: () => microsecondsPerCall(rounds, () => plugin.execute('echo', { message })),
      note: 'the bare worker gets and gives as many bytes, but nobody makes or reads JSON, which alone takes longer at 1 MB',
      async [Symbol.asyncDispose]() {
        await runtime.close();
        await bare[Symbol.asyncDispose]();
      },
    };
  },
}));

export default figures;
