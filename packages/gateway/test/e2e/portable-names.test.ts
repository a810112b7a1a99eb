import { expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { introduced, serveScripted } from '../fixtures/scripted-server.ts';
import { connect, textOf } from './clients.ts';

const OWN = ['files.read', 'files_read', `${'long'.repeat(20)}`];
const inputSchema = { type: 'object' };

/** Names as clients see them, and what the server is called by for each. */
async function seen(path: string, portableNames?: boolean): Promise<readonly (readonly [string, string])[]> {
  await using server = await serveScripted(({ era, method, params }) => {
    if (method === 'server/discover') return introduced(era, { tools: {}, prompts: {} });
    if (method === 'tools/list') return { result: { tools: OWN.map((name) => ({ name, inputSchema })) } };
    if (method === 'prompts/list') return { result: { prompts: [{ name: 'sum up' }] } };
    return { result: { content: [{ type: 'text', text: params.name }] } };
  });
  await using gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0', ...(portableNames !== undefined && { portableNames }) },
    mcpServers: { 'my.app': { url: server.url } } as never,
  });
  await gateway.started();
  await using client = await connect(`${(await gateway.listen()).url}${path}`);
  const { tools } = await client.listTools();
  expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual([
    path === '' ? 'my.app__sum up' : 'sum up',
  ]);
  // The whole names lead to the same tools, whether they are listed or not.
  const prefix = path === '' ? 'my.app__' : '';
  for (const name of OWN) {
    expect(textOf(await client.callTool({ name: prefix + name, arguments: {} }))).toBe(name);
  }
  return await Promise.all(
    tools.map(async ({ name }) => [name, textOf(await client.callTool({ name, arguments: {} }))] as const),
  );
}

test('tools of all servers together have names that every client takes, and are called by their own', async () => {
  const names = await seen('');
  expect(names).toEqual([
    ['my_app__files_read', OWN[0]],
    ['my_app__files_read_2', OWN[1]],
    [`my_app__${'long'.repeat(11)}lon_ef8b67c1`, OWN[2]],
  ]);
});

test.each([
  ['where that is not wanted', '', false, 'my.app__'],
  ['at the endpoint of one server', '/my.app', true, ''],
])('tools have their whole names %s', async (_where, path, portable, prefix) => {
  expect(await seen(path, portable)).toEqual(OWN.map((name) => [prefix + name, name]));
});
