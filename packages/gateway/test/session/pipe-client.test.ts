import { once } from 'node:events';
import { type PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { openHeldPipe } from './held-pipe.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const ENDED = { code: 'GATEWAY_CALL_ENDED' };

const call = '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"a"}}\n';

test('what was asked before the end of the input is answered', async () => {
  const { held, input, output, client } = openHeldPipe();
  input.end(call);
  await expect.poll(() => held.exchanges).toHaveLength(1);
  await held.answer(0, { n: 1 });
  await client.closed;
  output.end();
  expect(await text(output as PassThrough)).toBe('{"jsonrpc":"2.0","id":7,"result":{"n":1}}\n');
  expect(vi.getTimerCount()).toBe(0);
});

const meta =
  '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}';

test('what the gateway ends by closing is told so, with a code', async () => {
  const { held, input, output, client } = openHeldPipe();
  input.write(call);
  await expect.poll(() => held.exchanges).toHaveLength(1);
  client.close();
  await client.closed;
  output.end();
  const message = 'The gateway is closing, and has ended this call. Whether it was carried out is unknown.';
  expect(JSON.parse(await text(output as PassThrough))).toMatchObject({ id: 7, error: { message, data: ENDED } });
});

test.each([
  ['legacy', call],
  ['modern', call.replace('{"name"', `{${meta},"name"`)],
])(
  'what is not answered in time after the end of the input is cancelled, and its %s client told',
  async (_era, asked) => {
    const { held, input, output, client } = openHeldPipe();
    input.end(asked);
    await expect.poll(() => held.exchanges).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(999);
    expect(held.exchanges[0]?.cancellation.cancelled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(held.exchanges[0]?.cancellation.cancelled).toBe(true);
    await client.closed;
    output.end();
    const [answer, ...more] = (await text(output as PassThrough)).split('\n').filter(Boolean);
    expect(more).toEqual([]);
    const message = 'No answer within 1 s of the end of the input; keep it open for as long as it takes';
    expect(JSON.parse(answer ?? '')).toEqual({ jsonrpc: '2.0', id: 7, error: { code: -32000, message, data: ENDED } });
  },
);

test('a pipe that nobody reads any more is given up, with what waits to be written', async () => {
  const output = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
  const { held, input, client } = openHeldPipe(output);
  input.write(call);
  await expect.poll(() => held.exchanges).toHaveLength(1);
  await held.answer(0, {});
  await client.closed;
  expect(output.destroyed).toBe(true);
});

test('a message that is too long is refused with the limit and what to do, and the next one is answered', async () => {
  const { held, input, output, client } = openHeldPipe();
  input.write(Buffer.alloc(68 * 1024 * 1024, 'x'));
  input.end(`\n${call}`);
  await expect.poll(() => held.exchanges).toHaveLength(1);
  await held.answer(0, { n: 1 });
  await client.closed;
  output.end();
  const [refused, answered] = (await text(output as PassThrough)).split('\n').filter(Boolean);
  const message = expect.stringMatching(/at most \d+ bytes on stdin.*send less at once/);
  expect(JSON.parse(refused ?? '')).toMatchObject({ error: { code: -32600, message } });
  expect(JSON.parse(answered ?? '')).toMatchObject({ id: 7 });
});

const long = 'x'.repeat(65 * 1024 * 1024);

test('a request that is too long is refused by its id, so that its client waits for nothing', async () => {
  const { input, output, client } = openHeldPipe();
  input.end(call.replace('"a"', `"a","arguments":{"text":"${long}"}`));
  await client.closed;
  output.end();
  const message = expect.stringContaining('send less at once');
  expect(JSON.parse(await text(output as PassThrough))).toMatchObject({ id: 7, error: { code: -32600, message } });
});

test('an answer that is too long ends the question, which is told so', async () => {
  const { held, input, output } = openHeldPipe();
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: { roots: {} },
    clientInfo: { name: 'c', version: '1' },
  };
  input.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`);
  await once(output as PassThrough, 'data');
  input.write(`{"jsonrpc":"2.0","method":"notifications/initialized"}\n${call}`);
  await expect.poll(() => held.exchanges).toHaveLength(1);
  const roots = held.exchanges[0]?.ask({ method: 'roots/list', params: undefined }, new Cancellation());
  input.write(`{"jsonrpc":"2.0","id":"lockgate-1","result":{"roots":["${long}"]}}\n`);
  await expect(roots).rejects.toMatchObject({ message: expect.stringContaining('send less at once') });
});

test('lines of white space only are passed over', async () => {
  const { held, input, output, client } = openHeldPipe();
  input.end(`\n \t \r\n${call}\r\n   \n   `);
  await expect.poll(() => held.exchanges).toHaveLength(1);
  await held.answer(0, { n: 1 });
  await client.closed;
  output.end();
  expect(await text(output as PassThrough)).toBe('{"jsonrpc":"2.0","id":7,"result":{"n":1}}\n');
});

test('a request that is nested too deep is refused by its id', async () => {
  const { input, output, client } = openHeldPipe();
  const deep = `${'['.repeat(200)}${']'.repeat(200)}`;
  input.end(`{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"arguments":${deep}}}\n`);
  await client.closed;
  output.end();
  const error = { code: -32_600, message: expect.stringContaining('128 levels') };
  expect(JSON.parse(await text(output as PassThrough))).toMatchObject({ id: 'x', error });
});
