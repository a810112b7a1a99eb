import { createRuntime } from '@lockgate/runtime';
import type { Figure } from '../figure.ts';
import { echoPlugin, WAIT_URL } from '../guests/echo-plugin.ts';
import { messageOf } from '../guests/echo-protocol.ts';
import { microsecondsPerCall } from '../subjects/callers.ts';
import { rawLoop } from '../subjects/raw-loop.ts';

interface Size {
  readonly label: string;
  readonly bytes: number;
  readonly calls: number;
  /** Most that a locked call may take, in raw calls: of a guest that never waits, and of one that may. */
  readonly aims: { readonly sync: number; readonly suspending: number };
}

const SIZES: readonly Size[] = [
  { label: '100 B', bytes: 100, calls: 30_000, aims: { sync: 1.3, suspending: 1.8 } },
  { label: '10 kB', bytes: 10_000, calls: 5_000, aims: { sync: 1.15, suspending: 1.15 } },
  { label: '1 MB', bytes: 1_000_000, calls: 60, aims: { sync: 1.15, suspending: 1.15 } },
];

function lockedCall({ label, bytes, calls, aims }: Size, waits: boolean): Figure {
  return {
    name: `locked-call inline, ${label}, guest ${waits ? 'that may wait' : 'that never waits'} (against the raw loop)`,
    unit: 'µs/call',
    aim: { ratio: waits ? aims.suspending : aims.sync, better: 'lower' },
    setup: async ({ quick }) => {
      const guest = echoPlugin({ waits });
      const runtime = await createRuntime({ isolation: 'inline' });
      const plugin = await runtime.loadPlugin(guest, waits ? { http: { allow: [new URL(WAIT_URL).hostname] } } : {});
      const raw = rawLoop(guest);
      const args = { message: messageOf(bytes) };
      const rounds = quick ? Math.ceil(calls / 5) : calls;
      return {
        baseline: async () => {
          const started = performance.now();
          for (let n = 0; n < rounds; n++) raw('echo', args);
          return ((performance.now() - started) * 1000) / rounds;
        },
        subject: () => microsecondsPerCall(rounds, () => plugin.execute('echo', args)),
        note: 'the guest copies its message; the raw loop is a plain function without a lock, limits or a promise',
        [Symbol.asyncDispose]: () => runtime.close(),
      };
    },
  };
}

const figures: readonly Figure[] = [false, true].flatMap((waits) => SIZES.map((size) => lockedCall(size, waits)));

export default figures;
