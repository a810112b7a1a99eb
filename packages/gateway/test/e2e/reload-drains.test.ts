import { describe, expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { callFrame, openSession } from '../fixtures/raw-client.ts';
import { rawRequest } from '../fixtures/raw-request.ts';
import { serveScriptedHttp, serveScriptedProgram } from '../fixtures/raw-server.ts';

/** A gateway before one server, on which a call runs until it is released. */
async function openBusy(kind: 'stdio' | 'http', settings: object = {}) {
  const [heard, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const script = {
    call: async ({ args }: { args: unknown }) => {
      if (args === 0) {
        heard.resolve();
        await released.promise;
      }
      return { body: `"result":{"content":[],"call":${args}}` };
    },
  };
  const server =
    kind === 'http' ? await serveScriptedHttp('legacy', script) : await serveScriptedProgram('legacy', script);
  const entry = 'url' in server ? { url: server.url } : { command: server.command, args: server.args };
  const config = (mcpServers: object) => ({ gateway: { listen: '127.0.0.1:0', ...settings }, mcpServers }) as never;
  const gateway = await createGateway(config({ any: entry, other: entry }));
  await gateway.started();
  const { url } = await gateway.listen();
  const client = await openSession(`${url}/any`);
  const call = (args: number) => client.exchange(callFrame('legacy', `${args + 1}`, 'any', `${args}`), `${args + 1}`);
  const running = call(0);
  await heard.promise;
  const remove = () => gateway.reconfigure(config({ other: entry }));
  const change = () => gateway.reconfigure(config({ any: { ...entry, callTimeoutMs: 50_000 }, other: entry }));
  const close = async (): Promise<void> => {
    released.resolve();
    await gateway.close();
    await server[Symbol.asyncDispose]();
  };
  return { gateway, url, call, running, released, remove, change, [Symbol.asyncDispose]: close };
}

describe.each(['stdio', 'http'] as const)('a call that runs on a server over %s', (kind) => {
  test('ends as it would have where a reload removes the server, which takes no more calls', async () => {
    await using busy = await openBusy(kind);
    await busy.remove();
    expect(busy.gateway.status().upstreams.map(({ name }) => name)).toEqual(['other']);
    expect((await rawRequest(`${busy.url}/any`, 'tools/list')).status).toBe(404);
    busy.released.resolve();
    expect(await busy.running).toEqual([expect.stringContaining('"content":[],"call":0')]);
  });

  test('ends as it would have where a reload changes the server, whose next calls are answered meanwhile', async () => {
    await using busy = await openBusy(kind);
    await busy.change();
    await busy.gateway.started();
    expect(await busy.call(1)).toEqual([expect.stringContaining('"content":[],"call":1')]);
    busy.released.resolve();
    expect(await busy.running).toEqual([expect.stringContaining('"content":[],"call":0')]);
  });

  test('is cut once "shutdownTimeoutMs" is over after its server was removed', async () => {
    await using busy = await openBusy(kind, { shutdownTimeoutMs: 1 });
    await busy.remove();
    expect(await busy.running).toEqual([expect.stringContaining('GATEWAY_UPSTREAM_LOST')]);
  });
});
