import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { beginSession, callFrame } from '../fixtures/raw-client.ts';
import { introduced, type ScriptedAnswer, type ScriptedRequest, serveScripted } from '../fixtures/scripted-server.ts';
import { openHeldPipe } from '../session/held-pipe.ts';

const DEEP = `${'['.repeat(200)}${']'.repeat(200)}`;

/** Answers of a client that are no frames. */
const MISREAD: readonly (readonly [what: string, write: (id: string) => string])[] = [
  ['is nested too deep', (id) => `{"jsonrpc":"2.0","id":${id},"result":{"content":{"x":${DEEP}}}}`],
  ['has a list as its result', (id) => `{"jsonrpc":"2.0","id":${id},"result":[]}`],
  ['has a raw control character', (id) => `{"result":{"content":{"x":"\u0001"}},"id":${id},"jsonrpc":"2.0"}`],
];

test.each(MISREAD)('a question over a pipe is refused whose answer %s', async (_what, write) => {
  const output = new PassThrough();
  const { held, input, client } = openHeldPipe(output);
  const hello = {
    protocolVersion: '2025-11-25',
    capabilities: { elicitation: {} },
    clientInfo: { name: 'a', version: '1' },
  };
  input.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: hello })}\n`);
  input.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  input.write(`${callFrame('legacy', '7', 't', '{}')}\n`);
  await expect.poll(() => held.exchanges).toHaveLength(1);
  const question = { method: 'elicitation/create', params: ObjectText.from({ message: '?' }) };
  const asked = held.exchanges[0]?.ask(question, new Cancellation());
  const refused = expect(asked).rejects.toMatchObject({ code: -32_603 });
  await expect.poll(() => String(output.read() ?? '')).toContain('"lockgate-1"');
  input.write(`${write('"lockgate-1"')}\n`);
  await refused;
  client.close();
  await client.closed;
});

const LIMIT = 10_000;
/** Answers that are longer than a body may be. */
const LONG: typeof MISREAD = [
  ['is too large and has its id at the end', (id) => `{"result":${text(2 * LIMIT)},"jsonrpc":"2.0","id":${id}}`],
  ['is too large and begins with a byte order mark', (id) => `\ufeff{"id":${id},"result":${text(2 * LIMIT)}}`],
  ['is too large and has its id before', (id) => `{"jsonrpc":"2.0","id":${id},"result":${text(300 * LIMIT)}}`],
];
const text = (length: number): string => JSON.stringify({ content: 'x'.repeat(length) });

test.each([
  ...MISREAD.map(([what, write]) => [what, write, 400, 'The frame ', 'announced'] as const),
  ...LONG.map(([what, write]) => [what, write, 413, 'maxBodyBytes', 'announced'] as const),
  ...LONG.map(([what, write]) => [`${what}, of a length that nobody knows`, write, 413, 'max', 'chunked'] as const),
])('a call over HTTP ends whose question gets an answer that %s', async (_what, write, status, why, length) => {
  const isRefused = Promise.withResolvers<void>();
  const answer = async ({ era, method, tell }: ScriptedRequest): Promise<ScriptedAnswer> => {
    if (era === 'modern') return { error: { code: -32_601, message: 'Method not found' } };
    if (method === 'initialize') return introduced('legacy', { tools: {} });
    if (method === 'tools/list') return { result: { tools: [{ name: 't', inputSchema: { type: 'object' } }] } };
    // The answer to its question has no method.
    if (method === undefined) isRefused.resolve();
    if (method !== 'tools/call') return { result: {} };
    tell({ id: 'q', method: 'elicitation/create', params: { message: '?' } });
    await isRefused.promise;
    return { result: { content: [{ type: 'text', text: 'refused' }] } };
  };
  await using server = await serveScripted(answer);
  await using gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0', limits: { maxBodyBytes: LIMIT } },
    mcpServers: { one: { url: server.url } } as never,
  });
  await gateway.started();
  const url = `${(await gateway.listen()).url}/one`;
  const headers = await beginSession(url, '{"elicitation":{}}');
  const post = (body: string, isChunked = false): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers,
      ...(isChunked ? { body: new Blob([body]).stream(), duplex: 'half' } : { body }),
    });
  const call = await post(callFrame('legacy', '7', 't', '{}'));
  let text = '';
  for await (const chunk of call.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const isFirst = !text.includes('elicitation/create');
    text += chunk;
    const [id] = /"lockgate-[^"]+"/.exec(text) ?? [];
    if (!isFirst || id === undefined) continue;
    const refused = await post(write(id), length === 'chunked');
    expect([refused.status, await refused.text()]).toEqual([status, expect.stringContaining(why)]);
  }
  expect(text).toContain('"text":"refused"');
});
