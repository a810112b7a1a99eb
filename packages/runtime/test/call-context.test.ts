import { BACKEND_URL, fetchEchoGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import type { Isolation, Plugin } from '../src/index.ts';
import { runtimeFor } from './open-plugin.ts';

test.each<[Isolation, Isolation]>([
  ['inline', 'inline'],
  ['worker', 'worker'],
  ['inline', 'worker'],
  ['worker', 'inline'],
])('a guest %s that reaches itself through another one %s is refused, and both go on', async (first, second) => {
  const { createRuntime } = runtimeFor('worker');
  const plugins: Record<string, Plugin> = {};
  const seen: unknown[] = [];
  const fetch = async (url: string): Promise<Response> => {
    const [next, ...rest] = new URL(url).pathname.slice(1).split('-');
    if (next !== undefined && next in plugins) {
      const tool = rest.length > 0 ? 'fetch-then-echo' : 'echo';
      seen.push(await plugins[next]?.execute(tool, { message: rest.join('-') }).catch((error) => error.code));
    }
    return new Response('ok');
  };
  const runtime = await createRuntime({ fetch });
  const http = { allow: [new URL(BACKEND_URL).hostname] };
  plugins.a = await runtime.loadPlugin(fetchEchoGuest(), { isolation: first, http });
  plugins.b = await runtime.loadPlugin(fetchEchoGuest(), { isolation: second, http });

  // a asks the host, which asks b, which asks the host, which asks a again.
  const answer = await plugins.a.execute('fetch-then-echo', { message: 'b-a' });
  expect(answer).toEqual({ data: 'b-a', isError: false });
  expect(seen).toEqual(['RUNTIME_REENTRY', { data: 'a', isError: false }]);
  await expect(plugins.a.execute('echo', { message: 'on' })).resolves.toEqual({ data: 'on', isError: false });
  await runtime.close();
});
