import { createLoader } from '@lockgate/loader';
import { createRuntime, type Isolation } from '@lockgate/runtime';
import type { Figure } from '../figure.ts';
import { echoPlugin } from '../guests/echo-plugin.ts';
import { messageOf } from '../guests/echo-protocol.ts';
import { microsecondsPerCall } from '../subjects/callers.ts';

/** What a handle, which may change its version at any time, costs a call against the plugin alone. */
function throughHandle(isolation: Isolation, calls: number, aim: number): Figure {
  return {
    name: `loader handle ${isolation} against the plugin itself, 100 B`,
    unit: 'µs/call',
    aim: { ratio: aim, better: 'lower' },
    async setup({ quick }) {
      const runtime = await createRuntime({ isolation });
      const loader = createLoader({ runtime });
      const bytes = echoPlugin({ waits: false });
      const plugin = await runtime.loadPlugin(bytes);
      const handle = await loader.load(bytes, { name: 'echo' });
      const message = messageOf(100);
      const many = quick ? calls / 10 : calls;
      return {
        baseline: () => microsecondsPerCall(many, () => plugin.execute('echo', { message })),
        subject: () => microsecondsPerCall(many, () => handle.execute('echo', { message })),
        async [Symbol.asyncDispose]() {
          await loader.close();
          await runtime.close();
        },
      };
    },
  };
}

const figures: readonly Figure[] = [throughHandle('inline', 50_000, 1.25), throughHandle('worker', 5_000, 1.1)];

export default figures;
