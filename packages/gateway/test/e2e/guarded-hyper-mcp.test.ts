import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { MarkedClient } from './channels/marked-client.ts';
import { guardFile, moduleFiles, servedGateway } from './guarded-files.ts';
import { hyperMcpServer } from './hyper-mcp-guest.ts';

const MARK = 'MARKED';
const URI = 'notes://today';
const tools = { tools: [{ name: 'ask', inputSchema: { type: 'object' } }] };
const text = { type: 'text', text: MARK };
const meta = { _meta: { said: MARK } };
const files = moduleFiles({
  notes: hyperMcpServer(
    {
      list_tools: tools,
      list_prompts: { prompts: [{ name: 'greet' }] },
      list_resources: { resources: [{ uri: URI, name: 'today' }] },
      call_tool: {},
      get_prompt: { description: MARK, messages: [{ role: 'user', content: text }] },
      read_resource: { contents: [{ uri: URI, text: MARK }] },
      complete: { completion: { values: [MARK] } },
    },
    [
      { name: 'create_elicitation', message: { message: MARK, requestedSchema: { type: 'object', properties: {} } } },
      { name: 'create_message', message: { messages: [{ role: 'user', content: text }], maxTokens: 9 } },
      { name: 'notify_progress', message: { progressToken: 'progress', progress: 1, message: MARK }, isAsked: false },
      { name: 'notify_logging_message', message: { level: 'error', data: MARK }, isAsked: false },
      { name: 'notify_resource_updated', message: { uri: URI, ...meta }, isAsked: false },
    ],
  ),
  open: hyperMcpServer({ list_tools: tools, call_tool: {} }, []),
});
const KEYS = ['a', 'b', 'c', 'd', 'e'].map((name) => name.repeat(40));
const apiKeys = KEYS.map((key) => ({
  name: key.slice(0, 1),
  hash: `sha256:${createHash('sha256').update(key).digest('hex')}`,
}));

const ASKED = {
  'resources/read': { uri: URI },
  'prompts/get': { name: 'notes__greet' },
  'completion/complete': { ref: { type: 'ref/prompt', name: 'notes__greet' }, argument: { name: 'who', value: 'a' } },
  'tools/call': { name: 'notes__ask', arguments: {}, _meta: { progressToken: 'p' } },
};

/** A plug-in behind label-config, by whose rules all that it gives is private, and an open one beside it. */
async function guardedPlugin(mode: string) {
  const names = ['ask', 'resources/*', 'prompts/*', 'completion/*'];
  const calls = names.map((tool) => ({ tool, operation: 'read', secrecy: ['private:notes'] }));
  return servedGateway({
    gateway: { listen: '127.0.0.1:0', auth: { apiKeys } },
    guards: { labels: { path: guardFile('label-config') } },
    plugins: {
      notes: { path: files.notes, guard: 'labels', 'guard-policies': { 'allow-only': { rules: { mode, calls } } } },
      open: { path: files.open },
    },
  });
}

describe.each(['legacy', 'modern'] as const)('a plug-in for hyper-mcp behind label-config, for a %s client', (era) => {
  test.each(['strict', 'filter'])(
    'gives in %s mode nothing that is private, in no answer and beside none',
    async (mode) => {
      await using served = await guardedPlugin(mode);
      const questions: string[] = [];
      const answer = (method: string) => {
        questions.push(method);
        return { action: 'cancel' };
      };
      await using client = await MarkedClient.open({ url: served.url, era, key: KEYS[0] ?? '', answer });
      for (const [method, params] of Object.entries(ASKED)) {
        const { frames } = await client.request(method, params);
        expect(frames).toMatch(/Denied: .*private:notes/);
      }
      expect(client.heard).not.toContain(MARK);
      expect(questions).toEqual([]);
      const open = await client.request('tools/call', { name: 'open__ask', arguments: {} });
      expect(open.frames).not.toContain('Denied');
    },
  );

  test('gives in propagate mode what is private to whoever then writes to no public place', async () => {
    await using served = await guardedPlugin('propagate');
    const { url } = served;
    const [last = '', ...keys] = KEYS;
    const write = (who: MarkedClient) => who.request('tools/call', { name: 'open__ask', arguments: {} });
    await using other = await MarkedClient.open({ url, era, key: last });
    if (era === 'modern') await other.listen({ notifications: { resourceSubscriptions: [URI] } });
    else await other.request('resources/subscribe', { uri: URI });
    for (const [index, [method, params]] of Object.entries(ASKED).entries()) {
      await using client = await MarkedClient.open({ url, era, key: keys[index] ?? '' });
      expect((await write(client)).frames).not.toContain('Denied');
      await client.request(method, params);
      expect(client.heard).toContain(MARK);
      expect((await write(client)).frames).toMatch(/Denied: .*private:notes/);
    }
    expect((await write(other)).frames).not.toContain('Denied');
    expect(other.heard).not.toContain(MARK);
  });
});
