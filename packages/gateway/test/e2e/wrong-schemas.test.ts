import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { invalidJsonGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { introduced, serveScripted } from '../fixtures/scripted-server.ts';
import { connect } from './clients.ts';

const GOOD = { name: 'good', inputSchema: { type: 'object' } };
const WRONG = { name: 'wrong', inputSchema: { type: 'objct' } };
const FREE = { name: 'free', inputSchema: { type: 'object', properties: { any: true } } };

test.each([
  ['legacy', ['good']],
  ['modern', ['good', 'free']],
] as const)('tools of a %s server that strict clients refuse are left out and warned of once', async (era, names) => {
  await using server = await serveScripted(({ era: asked, method }) => {
    if (asked !== era) return { error: { code: -32_601, message: 'Method not found' } };
    if (method === 'server/discover' || method === 'initialize') return introduced(era, { tools: {} });
    if (method === 'subscriptions/listen') return undefined;
    return { result: { tools: [GOOD, WRONG, FREE], resultType: 'complete', ttlMs: 0, cacheScope: 'private' } };
  });
  const warned: unknown[] = [];
  const nothing = (): void => {};
  const logger = { debug: nothing, info: nothing, error: nothing, warn: (fields: object) => void warned.push(fields) };
  await using gateway = await createGateway(
    { gateway: { listen: '127.0.0.1:0' }, mcpServers: { one: { url: server.url } } as never },
    { logger },
  );
  await gateway.started();
  const { url } = await gateway.listen();
  for (const client of ['modern', 'legacy', 'legacy'] as const) {
    await using connected = await connect(`${url}/one`, client);
    const { tools } = await connected.listTools();
    expect(tools.map(({ name }) => name)).toEqual(client === 'legacy' ? ['good'] : names);
    await expect(connected.callTool({ name: 'wrong', arguments: {} })).rejects.toThrow('Unknown tool');
  }
  const reason = '"inputSchema.type" is "objct", and must be "object"';
  const property = '"inputSchema.properties.any" is true or false, and must be an object';
  expect(warned).toEqual([
    { server: 'one', tool: 'wrong', reason },
    { server: 'one', tool: 'free', reason: property },
  ]);
});

test('a version of a plugin with such a tool is refused, with the tool and what is wrong', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-schema-'));
  const path = join(folder, 'p.wasm');
  const tools = [{ name: 'good' }, { name: 'wrong', input_schema: { type: 'objct' } }];
  await writeFile(path, invalidJsonGuest({ in: 'tools', text: JSON.stringify(tools) }));
  await using gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    plugins: { p: { path, isolation: 'inline' } },
  });
  await gateway.started();
  expect(gateway.status().upstreams[0]?.reason).toContain(
    'tool "wrong": "input_schema.type" is "objct", and must be "object"',
  );
  await rm(folder, { recursive: true });
});
