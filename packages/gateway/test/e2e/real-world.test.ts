import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith } from '../cli/run-lockgate.ts';
import { linesProgram } from '../fixtures/lines-program.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { rawRequest, rawSession } from '../fixtures/raw-request.ts';
import { introduced, type ScriptedAnswer, type ScriptedRequest, serveScripted } from '../fixtures/scripted-server.ts';
import { connect } from './clients.ts';
import { LockgateProcess } from './lockgate-process.ts';

const TOOLS = { tools: [{ name: 'any', inputSchema: { type: 'object' } }] };
const NOT_FOUND = { error: { code: -32_601, message: 'Method not found' } };

/** A gateway in front of one server. */
async function gatewayTo(entry: object) {
  const gateway = await createGateway(
    { gateway: { listen: '127.0.0.1:0' }, mcpServers: { one: entry } as never },
    { startWindowMs: 60_000 },
  );
  await gateway.started();
  const { url } = await gateway.listen();
  return { gateway, all: url, url: `${url}/one`, [Symbol.asyncDispose]: () => gateway.close() };
}

const program = (text: string) => ({ command: process.execPath, args: ['-e', text] });

test('a server that does not know some of the list methods it declares is served with what it has', async () => {
  await using server = await serveScripted(({ era, method }): ScriptedAnswer => {
    if (era === 'modern') return NOT_FOUND;
    if (method === 'initialize') return introduced(era, { tools: {}, resources: {}, prompts: {} });
    return method === 'tools/list' ? { result: TOOLS } : NOT_FOUND;
  });
  await using served = await gatewayTo({ url: server.url });
  expect(served.gateway.status().upstreams[0]).toMatchObject({ state: 'running', tools: 1, restarts: 0 });
  await using client = await connect(served.url, 'legacy');
  expect((await client.listResources()).resources).toEqual([]);
  expect((await client.listPrompts()).prompts).toEqual([]);
});

test('a server that refuses the log level it declares loses no client, and leaves no process behind', async () => {
  const folder = await folderWith({});
  const ends = join(folder, 'ends');
  const text = linesProgram(`'tools/call': () => ({ result: { content: [] } }),`);
  const noting = `process.on('exit', () => require('node:fs').appendFileSync(${JSON.stringify(ends)}, 'e'));${text}`;
  const served = await gatewayTo(program(noting));
  const client = await connect(served.url, 'legacy', {}, { roots: {} });
  await client.setLoggingLevel('info');
  for (let turn = 0; turn < 2; turn++) {
    expect(await client.callTool({ name: 'any', arguments: {} })).toMatchObject({ content: [] });
  }
  await (client.transport as unknown as { terminateSession(): Promise<void> }).terminateSession();
  await client.close();
  await served.gateway.close();
  // The one that all share, and the client's own.
  expect(await readFile(ends, 'utf8')).toBe('ee');
});

test('a server that reads with readline gets separators that it takes for line ends as escapes', async () => {
  await using served = await gatewayTo(
    program(
      linesProgram(`'tools/call': ({ arguments: { text } }) => ({ result: { content: [{ type: 'text', text }] } }),`),
    ),
  );
  const text = 'a\u2028b\u2029c';
  const { body } = await rawRequest(served.url, 'tools/call', { name: 'any', arguments: { text } });
  expect(body.result?.content).toEqual([{ type: 'text', text }]);
});

test.each(['\ufeff', ''])('a server that writes %j before each line is served', async (before) => {
  await using served = await gatewayTo(
    program(linesProgram(`'tools/call': () => ({ result: { content: [] } }),`, { before })),
  );
  const { body } = await rawRequest(served.url, 'tools/call', { name: 'any', arguments: {} });
  expect(body.result?.content).toEqual([]);
});

test('a client of one server that comes before it has started is greeted with its name, instructions and capabilities', async () => {
  const [asked, greeting] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using server = await serveScripted(async ({ era, method }): Promise<ScriptedAnswer> => {
    if (era === 'modern') return NOT_FOUND;
    if (method !== 'initialize') return { result: TOOLS };
    asked.resolve();
    await greeting.promise;
    const { result } = introduced(era, { tools: {}, experimental: { e: 1 } });
    return { result: { ...result, instructions: 'Read me.' } };
  });
  await using lockgate = await LockgateProcess.start({
    config: { mcpServers: { one: { url: server.url } } },
    args: ['--stdio', '--server', 'one'],
  });
  const said: string[] = [];
  lockgate.child.stdout.on('data', (text: string) => said.push(text));
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } };
  lockgate.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`);
  await asked.promise;
  expect(said).toEqual([]);
  greeting.resolve();
  await expect.poll(() => said.join('')).toContain('"id":1');
  expect(JSON.parse(said.join('').split('\n')[0] ?? '').result).toMatchObject({
    serverInfo: { name: 'scripted' },
    instructions: 'Read me.',
    capabilities: { tools: {}, experimental: { e: 1 } },
  });
  expect(Object.keys(JSON.parse(said.join('').split('\n')[0] ?? '').result.capabilities)).not.toContain('prompts');
});

describe('small things', () => {
  const answer = ({ era, method }: ScriptedRequest): ScriptedAnswer => {
    if (era === 'modern') return NOT_FOUND;
    if (method === 'initialize') {
      const { result } = introduced(era, { tools: {}, logging: {}, experimental: { e: 1 }, unknown: { x: true } });
      return { result: { ...result, serverInfo: { name: 's', version: '1', 'x-kept': 1 }, _meta: { 'x/y': 1 } } };
    }
    return method === 'tools/call' ? undefined : { result: method === 'tools/list' ? TOOLS : {} };
  };

  test('unknown capabilities, those of another shape, and other fields of a server reach its clients', async () => {
    await using server = await serveScripted(answer);
    await using served = await gatewayTo({ url: server.url });
    const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } };
    const begun = await fetch(served.url, {
      method: 'POST',
      headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: hello }),
    });
    const { result } = (await begun.json()) as { result: Record<string, unknown> };
    expect(result).toMatchObject({
      capabilities: { experimental: { e: 1 }, unknown: { x: true } },
      serverInfo: { name: 's', 'x-kept': 1 },
    });
  });

  test('a log level that is none is refused', async () => {
    await using server = await serveScripted(answer);
    await using served = await gatewayTo({ url: server.url });
    const request = await rawSession(served.url);
    const { body } = await request('logging/setLevel', { level: 'bogus' });
    expect(body.error).toMatchObject({ code: -32_602, message: expect.stringContaining('"level" is one of debug,') });
  });

  test('the reason of a cancellation reaches the server as the client wrote it', async () => {
    const told = Promise.withResolvers<unknown>();
    const text = linesProgram(`
      'notifications/cancelled': ({ reason }) => write({ method: 'notifications/message', params: { level: 'info', data: reason } }),
      'tools/call': () => { write({ method: 'notifications/message', params: { level: 'info', data: 'begun' } }); return 'open'; },`);
    await using served = await gatewayTo(program(text));
    await using client = await connect(served.url, 'legacy', {}, { roots: {} });
    const leaving = new AbortController();
    client.setNotificationHandler('notifications/message', ({ params }) => {
      if (params.data === 'begun') leaving.abort('x');
      else told.resolve(params.data);
    });
    await expect(client.callTool({ name: 'any', arguments: {} }, { signal: leaving.signal })).rejects.toThrow();
    expect(await told.promise).toBe('x');
  });

  test('a slash at the end of an address means nothing', async () => {
    await using server = await serveScripted(answer);
    await using served = await gatewayTo({ url: server.url });
    for (const url of [`${served.all}/`, `${served.url}/`]) {
      expect((await rawRequest(url, 'tools/list')).body.result?.tools).toHaveLength(1);
    }
    expect((await fetch(`${served.url}//`, { method: 'POST' })).status).toBe(404);
  });

  test('a call to a server that has never been up says so, and why', async () => {
    await using served = await gatewayTo({ command: 'uvxx' });
    for (const [url, name] of [
      [served.all, 'one__any'],
      [served.url, 'any'],
    ] as const) {
      const { body } = await rawRequest(url, 'tools/call', { name, arguments: {} });
      expect(body.error).toMatchObject({ data: { code: 'GATEWAY_UPSTREAM_UNAVAILABLE' } });
      expect(String(body.error?.message)).toContain('the command "uvxx" was not found');
    }
  });
});
