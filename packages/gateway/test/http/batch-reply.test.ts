import { expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { openQuickUpstream } from '../fixtures/quick-upstream.ts';
import { framesOf } from '../fixtures/raw-client.ts';

const JSON_TYPE = 'application/json';

const call = (id: number, text: string) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'echo', arguments: { text } },
});
const answer = (id: number, text: string) => ({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } });
const LARGE = 'x'.repeat(40_000);

/** Sends a list of frames in a session: of the last revision that has such, where no other is named. */
async function sendList(accept: string, frames: readonly unknown[], version = '2025-03-26'): Promise<Response> {
  await using upstream = await openQuickUpstream();
  await using gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { one: { url: upstream.url } } as never,
  });
  await gateway.started();
  const { url } = await gateway.listen();
  const post = (headers: Record<string, string>, body: unknown): Promise<Response> =>
    fetch(`${url}/one`, {
      method: 'POST',
      headers: { 'content-type': JSON_TYPE, accept, ...headers },
      body: JSON.stringify(body),
    });
  const hello = { protocolVersion: version, capabilities: {}, clientInfo: { name: 'c', version: '1' } };
  const begun = await post({}, { jsonrpc: '2.0', id: 0, method: 'initialize', params: hello });
  await begun.text();
  const id = begun.headers.get('mcp-session-id');
  const answered = await post(version === 'none' || id === null ? {} : { 'mcp-session-id': id }, frames);
  return new Response(await answered.arrayBuffer(), answered);
}

test('a client that takes no stream gets the answers to its list as a list', async () => {
  const ping = { jsonrpc: '2.0', method: 'notifications/roots/list_changed' };
  const answered = await sendList(JSON_TYPE, [call(1, 'a'), ping, call(2, LARGE), { jsonrpc: '2.0', id: 3 }]);
  expect(answered.headers.get('content-type')).toBe(JSON_TYPE);
  const list = (await answered.json()) as { id: number }[];
  expect(list.toSorted((a, b) => a.id - b.id)).toEqual([
    answer(1, 'a'),
    answer(2, LARGE),
    { jsonrpc: '2.0', id: 3, error: { code: -32_600, message: expect.any(String) } },
  ]);
});

test('a client that takes streams gets each answer as an event', async () => {
  const answered = await sendList(`${JSON_TYPE}, text/event-stream`, [call(1, 'a'), call(2, 'b')]);
  const events = (await framesOf(answered)).map((frame) => JSON.parse(frame));
  expect(events.toSorted((a, b) => a.id - b.id)).toEqual([answer(1, 'a'), answer(2, 'b')]);
});

test('a list that asks nothing is taken', async () => {
  const answered = await sendList(JSON_TYPE, [{ jsonrpc: '2.0', method: 'notifications/roots/list_changed' }]);
  expect([answered.status, await answered.text()]).toEqual([202, '']);
});

test.each([
  ['2025-11-25', 'protocol version 2025-03-26 alone, and this one has 2025-11-25; send each message by itself'],
  ['none', 'protocol version 2025-03-26 alone; send each message by itself'],
])('a list where there are none says where there are and what to send: session of %s', async (version, told) => {
  const answered = await sendList(JSON_TYPE, [call(1, 'a'), call(2, 'b')], version);
  expect(answered.status).toBe(400);
  expect(await answered.json()).toMatchObject({ error: { code: -32_600, message: expect.stringContaining(told) } });
});
