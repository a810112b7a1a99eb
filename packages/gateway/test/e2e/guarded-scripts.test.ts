import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Decision } from '../../src/monitor/decision.ts';
import { introduced, serveScripted } from '../fixtures/scripted-server.ts';
import { connect } from './clients.ts';
import { call, guardedFiles, servedGateway, someFiles } from './guarded-files.ts';

const gateway = { listen: '127.0.0.1:0', discovery: 'search' } as const;
const NOTE = { entities: [{ name: 'n', entityType: 't', observations: ['o'] }] };
const WRITE = `api.tryCall('public__create_entities', ${JSON.stringify(NOTE)})`;

const reading = (folder: string): string =>
  `api.call('files__read_text_file', { path: ${JSON.stringify(join(folder, 'private/diary.txt'))} })`;

/** A server whose one tool answers when the test says so. */
async function gateServer() {
  const open = Promise.withResolvers<void>();
  const server = await serveScripted(async ({ era, method }) => {
    if (method === 'initialize' || method === 'server/discover') return introduced(era, { tools: {} });
    if (method === 'tools/list') return { result: { tools: [{ name: 'wait', inputSchema: { type: 'object' } }] } };
    await open.promise;
    return { result: { content: [{ type: 'text', text: 'open' }] } };
  });
  return Object.assign(server, { open: () => open.resolve() });
}

test('labels move with the reads of a script, its writes are denied then without contents, and so are those of its client', async () => {
  const folder = someFiles();
  await using served = await servedGateway(guardedFiles(folder, { mode: 'propagate' }, { gateway }));
  const client = await served.connect();
  const run = (code: string): Promise<string> => call(client, 'run_script', { code });
  const [before, read, after] = JSON.parse(
    await run(`return [await ${WRITE}, await ${reading(folder)}, await ${WRITE}];`),
  );
  expect(before.ok).toBe(true);
  expect(JSON.stringify(read)).toContain('DIARY');
  expect(after).toMatchObject({ ok: false, error: { code: 'GATEWAY_FLOW_DENIED' } });
  expect(JSON.stringify(after)).not.toContain('DIARY');
  expect(await call(client, 'execute', { tool: 'public__create_entities', arguments: NOTE })).toMatch(/^ERROR Denied/);
});

test('what a script may not read is withheld from it as from its client', async () => {
  const folder = someFiles();
  await using served = await servedGateway(guardedFiles(folder, { mode: 'filter' }, { gateway }));
  const client = await served.connect();
  const code = `
    const denied = await api.tryCall('files__read_text_file', { path: ${JSON.stringify(join(folder, 'private/diary.txt'))} });
    return [denied, await api.call('files__list_directory', { path: ${JSON.stringify(folder)} })];`;
  const said = await call(client, 'run_script', { code });
  expect(said).toContain('GATEWAY_FLOW_DENIED');
  expect(said).toContain('[Filtered] 1 parts of an answer of files__list_directory');
  expect(said).not.toContain('DIARY');
});

test('labels that are given up while a script runs come back with its result, and it cannot write meanwhile', async () => {
  const folder = someFiles();
  await using gate = await gateServer();
  const config = guardedFiles(folder, { mode: 'propagate' }, { gateway });
  const read = Promise.withResolvers<void>();
  const onDecision = ({ server, verdict }: Decision): void => {
    if (server === 'files' && verdict === 'allowed') read.resolve();
  };
  const mcpServers = { ...config.mcpServers, gate: { url: gate.url } };
  await using served = await servedGateway({ ...config, mcpServers } as never, { onDecision });
  await using client = await connect(served.url, 'modern');
  const code = `const open = api.call('gate__wait'); const diary = await ${reading(folder)}; await open; return [diary, await ${WRITE}];`;
  const running = call(client, 'run_script', { code });
  await read.promise;
  expect(await served.gateway.resetCaller('anonymous')).toBe(true);
  gate.open();
  const [diary, written] = JSON.parse(await running);
  expect(JSON.stringify(diary)).toContain('DIARY');
  expect(written.error.code).toBe('GATEWAY_FLOW_DENIED');
  expect(await call(client, 'execute', { tool: 'public__create_entities', arguments: NOTE })).toMatch(/^ERROR Denied/);
});

test.each(['return diary', 'throw new Error(JSON.stringify(diary))'])(
  'a script whose grants have gone is denied its result (%s)',
  async (end) => {
    const folder = someFiles();
    await using gate = await gateServer();
    const config = guardedFiles(folder, { mode: 'strict', agent: { secrecy: ['private:files'] } }, { gateway });
    const read = Promise.withResolvers<void>();
    const onDecision = ({ server, verdict }: Decision): void => {
      if (server === 'files' && verdict === 'allowed') read.resolve();
    };
    const withGate = { ...config, mcpServers: { ...config.mcpServers, gate: { url: gate.url } } };
    await using served = await servedGateway(withGate as never, { onDecision });
    await using client = await connect(served.url, 'modern');
    const code = `const open = api.call('gate__wait'); const diary = await ${reading(folder)}; await open; ${end};`;
    const running = call(client, 'run_script', { code });
    await read.promise;
    const { files, ...others } = guardedFiles(folder, { mode: 'strict' }, { gateway }).mcpServers as never as Record<
      string,
      object
    >;
    await served.gateway.reconfigure({
      ...withGate,
      mcpServers: { files, ...others, gate: { url: gate.url } },
    } as never);
    gate.open();
    const said = await running;
    expect(said).toMatch(/^ERROR Denied: .*private:files/);
    expect(said).not.toContain('DIARY');
  },
);
