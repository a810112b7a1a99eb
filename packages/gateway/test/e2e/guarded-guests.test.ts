import { createHash } from 'node:crypto';
import { componentGuest, componentServerGuest, echoGuest, serverGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { MarkedClient } from './channels/marked-client.ts';
import { extismEcho, hyperMcp } from './extism-guest.ts';
import { guardFile, moduleFiles, servedGateway } from './guarded-files.ts';
import { hyperMcpServer } from './hyper-mcp-guest.ts';

const canServe = 'Suspending' in WebAssembly;
if (!canServe)
  console.log(`skipped: whole servers over wasi:http behind a guard: Node ${process.versions.node} has no JSPI`);

const MARK = 'MARKED';
const KEYS = ['a', 'b', 'c'].map((name) => name.repeat(40));
const apiKeys = KEYS.map((key) => ({
  name: key.slice(0, 1),
  hash: `sha256:${createHash('sha256').update(key).digest('hex')}`,
}));
const ask = { name: 'ask', inputSchema: { type: 'object' } };
const text = { content: [{ type: 'text', text: MARK }] };
const files = moduleFiles({
  own: echoGuest(),
  extism: extismEcho('say'),
  v1: hyperMcp({ tools: [ask] }, text),
  v2: hyperMcpServer({ list_tools: { tools: [ask] }, call_tool: {} }, []),
  component: componentGuest(),
  command: serverGuest(),
  run: componentServerGuest('run'),
  http: componentServerGuest('http'),
  open: hyperMcp({ tools: [ask] }, { content: [] }),
});

interface Kind {
  readonly section: 'plugins' | 'mcpServers';
  readonly entry: object;
  readonly tool: string;
  /** Makes it answer the mark. */
  readonly args: object;
  /** What goes wrong in it. */
  readonly trap?: string;
}

const said = { message: MARK };
const KINDS: Readonly<Record<string, Kind>> = {
  "Lockgate's own": { section: 'plugins', entry: { path: files.own }, tool: 'echo', args: said },
  'a plug-in for Extism': {
    ...{ section: 'plugins', tool: 'say', args: said },
    entry: { path: files.extism, exports: { say: { input: 'json' } } },
  },
  'a plug-in for hyper-mcp, V1': { section: 'plugins', entry: { path: files.v1 }, tool: 'ask', args: {} },
  'a plug-in for hyper-mcp, V2': { section: 'plugins', entry: { path: files.v2 }, tool: 'ask', args: said },
  'a component': {
    ...{ section: 'plugins', entry: { path: files.component }, tool: 'echo', args: { text: MARK } },
    trap: 'trap',
  },
  'a whole server': { section: 'mcpServers', entry: { wasm: files.command }, tool: 'say', args: said, trap: 'trap' },
  'a whole server (wasi:cli/run)': {
    ...{ section: 'mcpServers', entry: { wasm: files.run }, tool: 'say', args: said, trap: 'trap' },
  },
  'a whole server (wasi:http)': {
    ...{ section: 'mcpServers', entry: { wasm: files.http }, tool: 'say', args: said, trap: 'trap' },
  },
};
const kinds = Object.entries(KINDS).filter(([name]) => canServe || !name.includes('wasi:http'));

/** One guest behind label-config, by whose rules what it gives is private, and a public place beside it. */
async function guarded({ section, entry, tool }: Kind, mode: string) {
  const calls = [{ tool, operation: 'read', secrecy: ['private:notes'] }];
  const notes = { ...entry, guard: 'labels', 'guard-policies': { 'allow-only': { rules: { mode, calls } } } };
  return servedGateway({
    gateway: { listen: '127.0.0.1:0', auth: { apiKeys } },
    guards: { labels: { path: guardFile('label-config') } },
    plugins: { ...(section === 'plugins' && { notes }), open: { path: files.open } },
    ...(section === 'mcpServers' && { mcpServers: { notes } }),
  } as never);
}

describe.each(kinds)('%s behind a guard', (_name, kind) => {
  const call = (who: MarkedClient, name: string, args: object = {}) =>
    who.request('tools/call', { name, arguments: args });

  test.each(['strict', 'filter'])(
    'gives nothing in %s mode that is private, and is not asked what has no rule',
    async (mode) => {
      await using served = await guarded(kind, mode);
      await using client = await MarkedClient.open({ url: served.url, era: 'modern', key: KEYS[0] ?? '' });
      expect((await call(client, `notes__${kind.tool}`, kind.args)).frames).toMatch(/Denied: .*private:notes/);
      if (kind.trap) expect((await call(client, `notes__${kind.trap}`)).frames).toMatch(/Denied: /);
      expect(client.heard).not.toContain(MARK);
      expect((await call(client, 'open__ask')).frames).not.toContain('Denied');
    },
  );

  test('gives in propagate mode what is private to whoever then writes to no public place, and nobody else is kept from it', async () => {
    await using served = await guarded(kind, 'propagate');
    const open = (key = '') => MarkedClient.open({ url: served.url, era: 'modern', key });
    await using reader = await open(KEYS[0]);
    await using other = await open(KEYS[1]);
    expect((await call(reader, 'open__ask')).frames).not.toContain('Denied');
    expect((await call(reader, `notes__${kind.tool}`, kind.args)).frames).toContain(MARK);
    expect((await call(reader, 'open__ask')).frames).toMatch(/Denied: .*private:notes/);
    expect((await call(other, 'open__ask')).frames).not.toContain('Denied');
    expect(other.heard).not.toContain(MARK);
  });
});
