import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, textOf } from './clients.ts';
import { COMBINATIONS, openFourServers } from './four-servers.ts';

let servers: Awaited<ReturnType<typeof openFourServers>>;
let url: string;

beforeAll(async () => {
  servers = await openFourServers();
  ({ url } = servers);
});

afterAll(() => servers[Symbol.asyncDispose]());

/** A client that answers whatever it is asked, and says so in its answers. */
async function answering(era: 'legacy' | 'modern', server: string, name: string) {
  const client = await connect(`${url}/${server}`, era, {}, { elicitation: {}, sampling: {}, roots: {} });
  client.setRequestHandler('elicitation/create', () => ({
    action: 'accept',
    content: { name, username: name, email: `${name}@x` },
  }));
  client.setRequestHandler('sampling/createMessage', () => ({
    role: 'assistant',
    model: 'm',
    content: { type: 'text', text: name },
  }));
  client.setRequestHandler('roots/list', () => ({ roots: [{ uri: `file:///${name}` }] }));
  return client;
}

const call = (client: Client, name: string, args: Record<string, unknown> = {}, options = {}) =>
  client.callTool({ name, arguments: args }, options);

describe.each(COMBINATIONS)('a $era client and the server $server', ({ era, server }) => {
  test('sampling, elicitation and roots reach the client that called', async () => {
    await using client = await answering(era, server, 'ada');
    expect(textOf(await call(client, 'test_sampling', { prompt: 'hi' }))).toContain('ada');
    expect(textOf(await call(client, 'test_elicitation', { message: 'who?' }))).toContain('ada@x');
    expect(textOf(await call(client, 'test_input_required_result_list_roots'))).toContain('file:///ada');
  });

  test('questions that come one after the other are answered in turn', async () => {
    await using client = await answering(era, server, 'ada');
    const result = await call(client, 'test_input_required_result_multiple_inputs');
    expect(textOf(result)).toBe('All inputs received');
  });

  test('clients that are asked at the same time each answer their own question', async () => {
    const names = ['ada', 'bob', 'cyd', 'dan'];
    const answers = await Promise.all(
      names.map(async (name) => {
        await using client = await answering(era, server, name);
        return textOf(await call(client, 'test_elicitation', { message: 'who?' }));
      }),
    );
    expect(answers).toEqual(names.map((name) => expect.stringContaining(`${name}@x`)));
  });

  test('progress reaches the call that asked for it', async () => {
    await using client = await connect(`${url}/${server}`, era);
    const heard: number[] = [];
    await call(
      client,
      'test_tool_with_progress',
      {},
      { onprogress: ({ progress }: { progress: number }) => heard.push(progress) },
    );
    expect(heard).toEqual([0, 50, 100]);
  });

  test('cancelling a call cancels it at the server', async () => {
    await using client = await connect(`${url}/${server}`, era);
    await using other = await connect(`${url}/${server}`, era);
    const waiting = async (count: string): Promise<void> => {
      await expect.poll(async () => textOf(await call(other, 'count_waiting'))).toBe(count);
    };
    await waiting('0');
    const cancelling = new AbortController();
    const ended = call(client, 'wait_until_cancelled', {}, { signal: cancelling.signal }).catch(() => 'cancelled');
    await waiting('1');
    cancelling.abort();
    expect(await ended).toBe('cancelled');
    await waiting('0');
  });
});
