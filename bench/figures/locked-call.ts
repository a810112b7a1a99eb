import { createRuntime } from '@lockgate/runtime';
import type { Figure } from '../figure.ts';
import { echoPlugin, WAIT_URL } from '../guests/echo-plugin.ts';
import { messageOf } from '../guests/echo-protocol.ts';
import { readPlugin } from '../guests/example-plugins.ts';
import { microsecondsPerCall } from '../subjects/callers.ts';
import { rawLoop } from '../subjects/raw-loop.ts';

interface Work {
  readonly name: string;
  readonly aim?: number;
  readonly guest: () => Uint8Array<ArrayBuffer>;
  readonly tool: string;
  readonly args: Readonly<Record<string, string>>;
  readonly calls: number;
  readonly note: string;
}

const SIZES = [
  { label: '100 B', bytes: 100, calls: 20_000 },
  { label: '10 kB', bytes: 10_000, calls: 2_000 },
  { label: '1 MB', bytes: 1_000_000, calls: 30 },
] as const;

/** `textkit` imports nothing that waits: its calls end before the runtime lets go of the thread. */
const neverWaits: readonly Work[] = SIZES.map(({ label, bytes, calls }) => ({
  name: `${label}, textkit, which never waits`,
  aim: bytes === 100 ? 1.3 : 1.15,
  guest: () => readPlugin('textkit'),
  tool: 'encode_base64',
  args: { text: 'm'.repeat(bytes - JSON.stringify({ tool_name: 'encode_base64', args: { text: '' } }).length) },
  calls,
  note: 'encode_base64; the raw loop is a plain function without a lock, limits or a promise',
}));

/** `http-json` may wait, so it runs on a stack that can be suspended; this address it refuses without asking the host. */
const mayWait: readonly Work[] = SIZES.map(({ label, bytes, calls }) => ({
  name: `${label}, http-json, which may wait`,
  aim: bytes === 100 ? 1.8 : 1.15,
  guest: () => readPlugin('http-json'),
  tool: 'fetch_json',
  args: { url: 'm'.repeat(bytes - JSON.stringify({ tool_name: 'fetch_json', args: { url: '' } }).length) },
  calls,
  note: 'fetch_json of an address that the plugin refuses; the raw loop calls the export without a suspendable stack',
}));

/** What is left when a guest does nothing: the host's own part, in the worst light. */
const copies: readonly Work[] = [false, true].map((waits) => ({
  name: `100 B, a guest that only copies and ${waits ? 'may wait' : 'never waits'}`,
  guest: () => echoPlugin({ waits }),
  tool: 'echo',
  args: { message: messageOf(100) },
  calls: 50_000,
  note: 'no aim: shows the host alone',
}));

function lockedCall({ name, aim, guest, tool, args, calls, note }: Work): Figure {
  return {
    name: `locked-call inline against the raw loop: ${name}`,
    unit: 'µs/call',
    ...(aim !== undefined && { aim: { ratio: aim, better: 'lower' as const } }),
    setup: async ({ quick }) => {
      const bytes = guest();
      const runtime = await createRuntime({ isolation: 'inline' });
      const plugin = await runtime.loadPlugin(bytes, { http: { allow: [new URL(WAIT_URL).hostname] } });
      const raw = rawLoop(bytes);
      const rounds = quick ? Math.ceil(calls / 5) : calls;
      return {
        baseline: async () => {
          const started = performance.now();
          for (let n = 0; n < rounds; n++) raw(tool, args);
          return ((performance.now() - started) * 1000) / rounds;
        },
        subject: () => microsecondsPerCall(rounds, () => plugin.execute(tool, args)),
        note,
        [Symbol.asyncDispose]: () => runtime.close(),
      };
    },
  };
}

const figures: readonly Figure[] = [...neverWaits, ...mayWait, ...copies].map(lockedCall);

export default figures;
