import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetchEchoGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { connect, textOf } from './clients.ts';
import { moduleFiles } from './guarded-files.ts';

const files = moduleFiles({ fetching: fetchEchoGuest() });

/** An API that answers one request when it is let, and all others at once. */
async function openApi() {
  const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const seen: string[] = [];
  const server = createServer(async ({ url = '' }, response) => {
    seen.push(url);
    if (url === '/slow') {
      asked.resolve();
      await answer.promise;
    }
    response.end(`page ${url}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    answer.resolve();
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, asked: asked.promise, answer, seen, [Symbol.asyncDispose]: close };
}

const config = (hosts: readonly string[], settings: object = {}) =>
  ({ gateway: { listen: '127.0.0.1:0', ...settings }, plugins: { web: { path: files.fetching, hosts } } }) as never;

test('calls after a change have the new grants at once, and those before it end as they began, waiting ones too', async () => {
  await using api = await openApi();
  await using gateway = await createGateway(config(['127.0.0.1']));
  await gateway.started();
  await using client = await connect((await gateway.listen()).url);
  const get = async (path: string) =>
    textOf(await client.callTool({ name: 'web__fetch-url', arguments: { message: `${api.url}${path}` } }));
  const running = get('/slow');
  await api.asked;
  const waiting = [get('/a'), get('/b')];
  await client.listTools(); // they are on their way
  await gateway.reconfigure(config([]));
  await gateway.started();
  expect(await get('/c')).not.toContain('page');
  expect(api.seen).toEqual(['/slow']);
  api.answer.resolve();
  expect(await running).toContain('page /slow');
  expect((await Promise.all(waiting)).join()).toMatch(/page \/a.*page \/b/);
  expect(api.seen).not.toContain('/c');
});

test('a plugin that changes again while it is loaded comes up as it was wanted last', async () => {
  await using api = await openApi();
  await using gateway = await createGateway(config([]));
  await gateway.started();
  await using client = await connect((await gateway.listen()).url);
  for (let round = 0; round < 6; round++) {
    await gateway.reconfigure(config(round % 2 === 0 ? ['127.0.0.1'] : []));
    if (round === 2) await gateway.started();
  }
  await gateway.reconfigure(config(['127.0.0.1', 'example.com']));
  await gateway.started();
  expect(gateway.status().upstreams).toMatchObject([{ name: 'web', state: 'running' }]);
  const { content } = await client.callTool({ name: 'web__fetch-url', arguments: { message: `${api.url}/x` } });
  expect(JSON.stringify(content)).toContain('page /x');
});

test('a call that runs on a plugin is cut once "shutdownTimeoutMs" is over after its entry was removed', async () => {
  await using api = await openApi();
  const settings = { shutdownTimeoutMs: 1 };
  await using gateway = await createGateway(config(['127.0.0.1'], settings));
  await gateway.started();
  await using client = await connect((await gateway.listen()).url);
  const running = client.callTool({ name: 'web__fetch-url', arguments: { message: `${api.url}/slow` } });
  await api.asked;
  await gateway.reconfigure({ gateway: { listen: '127.0.0.1:0', ...settings } } as never);
  expect(JSON.stringify(await running.catch(({ message }) => message))).toMatch(/gateway\.shutdownTimeoutMs/);
});
