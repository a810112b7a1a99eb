import { expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { QuickClient } from '../fixtures/quick-client.ts';
import { openQuickUpstream } from '../fixtures/quick-upstream.ts';

const textkit = new URL('../../../../examples/plugins/dist/textkit.wasm', import.meta.url).pathname;
const CLIENTS = 200;
const CALLS_EACH = 50;

test('200 clients call a server and a plugin 50 times each: no answer is lost, none mixed up', {
  timeout: 240_000,
}, async () => {
  await using upstream = await openQuickUpstream();
  await using gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { echo: { url: upstream.url } } as never,
    plugins: { textkit: { path: textkit, isolation: 'inline' } },
  });
  await gateway.started();
  const { url } = await gateway.listen();
  const wrong: string[] = [];
  const client = async (index: number): Promise<number> => {
    const connected = await QuickClient.connect(url, index % 2 === 0 ? 'modern' : 'legacy');
    for (let call = 0; call < CALLS_EACH; call++) {
      const text = `client ${index} call ${call}`;
      const [name, expected] = call % 2 === 0 ? ['echo__echo', text] : ['textkit__slugify', text.replaceAll(' ', '-')];
      const answer = await connected.call(name, { text });
      if (answer !== expected) wrong.push(`${text}: ${answer}`);
    }
    connected.close();
    return CALLS_EACH;
  };
  const done = await Promise.all(Array.from({ length: CLIENTS }, (_, index) => client(index)));
  expect(wrong).toEqual([]);
  expect(done.reduce((sum, calls) => sum + calls, 0)).toBe(CLIENTS * CALLS_EACH);
  expect(gateway.status()).toMatchObject({ running: 0, sessions: CLIENTS / 2 });
});
