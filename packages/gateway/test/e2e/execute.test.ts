import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { beginSession, callFrame, framesOf, modernHeaders } from '../fixtures/raw-client.ts';
import { introduced, serveScripted } from '../fixtures/scripted-server.ts';
import { connect, textOf } from './clients.ts';
import { COMBINATIONS, openFourServers } from './four-servers.ts';

type Json = Record<string, unknown>;

let four: Awaited<ReturnType<typeof openFourServers>>;

beforeAll(async () => {
  four = await openFourServers();
});

afterAll(async () => {
  await four[Symbol.asyncDispose]();
});

const PLAIN = [
  'test_simple_text',
  'test_image_content',
  'test_embedded_resource',
  'test_multiple_content_types',
  'test_error_handling',
  'test_tool_with_progress',
];

/** Frames without what differs from call to call. */
const alike = (frames: readonly string[]): readonly string[] =>
  frames.map((frame) => frame.replace(/"id":\d+/, '"id":0'));

describe.each(COMBINATIONS)('for a $era client of $server', ({ era, server }) => {
  const client = (capabilities = {}) => connect(`${four.url}?discovery=search`, era, {}, capabilities);

  test.each(PLAIN)('execute answers %s with the very frames of a direct call', async (tool) => {
    const name = `${server}__${tool}`;
    const url = `${four.url}?discovery=search`;
    const session = era === 'legacy' ? await beginSession(url) : undefined;
    const exchange = async (id: string, called: string, args: string): Promise<readonly string[]> => {
      const body = callFrame(era, id, called, args, ['"progressToken":"p"']);
      return framesOf(await fetch(url, { method: 'POST', headers: session ?? modernHeaders(called), body }));
    };
    const direct = await exchange('1', name, '{}');
    expect(alike(await exchange('2', 'execute', `{"tool":"${name}","arguments":{}}`))).toEqual(alike(direct));
    expect(direct.length).toBeGreaterThan(0);
  });

  test('a question of the server in an executed call is asked and answered', async () => {
    await using asking = await client({ elicitation: {} });
    asking.setRequestHandler('elicitation/create', () => ({
      action: 'accept',
      content: { username: 'ann', email: 'ann@example.com' },
    }));
    const call = { tool: `${server}__test_elicitation`, arguments: { message: 'who?' } };
    const answer = await asking.callTool({ name: 'execute', arguments: call });
    expect(textOf(answer as never)).toContain('action=accept');
    expect(textOf(answer as never)).toContain('ann@example.com');
  });

  test('a cancelled executed call is cancelled at its server', async () => {
    await using one = await client();
    const waiting = async (): Promise<string> =>
      textOf((await one.callTool({ name: `${server}__count_waiting` })) as never);
    const leaving = new AbortController();
    const call = { name: 'execute', arguments: { tool: `${server}__wait_until_cancelled` } };
    const cancelled = one.callTool(call, { signal: leaving.signal }).catch((error: unknown) => error);
    while ((await waiting()) === '0');
    leaving.abort();
    expect(await cancelled).toBeInstanceOf(Error);
    while ((await waiting()) !== '0');
  });

  test('an argument that is a header as well is one in an executed call', async () => {
    await using one = await client();
    const call = { tool: `${server}__test_header_tool`, arguments: { region: 'eu' } };
    expect(textOf((await one.callTool({ name: 'execute', arguments: call })) as never)).toBe('region: eu');
  });
});

describe('a call', () => {
  const KEY = 'a-key-of-somebody-that-is-long-enough';
  const received: string[] = [];
  const logDir = mkdtempSync(join(tmpdir(), 'lockgate-execute-'));
  const schema = {
    type: 'object',
    properties: { title: { type: 'string' }, amount: { type: 'number' } },
    required: ['title'],
  };
  let server: Awaited<ReturnType<typeof serveScripted>>;
  let gateway: Gateway;
  let url: string;

  beforeAll(async () => {
    server = await serveScripted(({ era, method, params }) => {
      if (method === 'initialize' || method === 'server/discover') return introduced(era, { tools: {} });
      if (method === 'tools/list') return { result: { tools: [{ name: 'pay', inputSchema: schema }] } };
      received.push(JSON.stringify(params.arguments));
      return { result: { content: [{ type: 'text', text: 'paid' }] } };
    });
    gateway = await createGateway({
      gateway: {
        listen: '127.0.0.1:0',
        discovery: 'search',
        logDir,
        auth: { apiKeys: [{ name: 'ann', key: KEY }] },
      },
      mcpServers: { bank: { url: server.url, 'tool-call-limits': { pay: 3 } } },
    } as never);
    await gateway.started();
    ({ url } = await gateway.listen());
  });

  afterAll(async () => {
    await gateway.close();
    await server[Symbol.asyncDispose]();
  });

  const client = () => connect(url, 'legacy', { authorization: `Bearer ${KEY}` });
  const execute = async (args: Json): Promise<Json & { text: string }> => {
    await using one = await client();
    const answer = (await one.callTool({ name: 'execute', arguments: args })) as Json;
    return { ...answer, text: textOf(answer as never) };
  };

  test.each<[string, Json, string]>([
    ['of a tool that there is not', { tool: 'bank__pya' }, 'Unknown tool: bank__pya. Did you mean bank__pay?'],
    [
      'without what is needed',
      { tool: 'bank__pay', arguments: { titel: 'x' } },
      'unknown argument "titel", did you mean "title"?; "title" is missing. Its arguments: title (string, required)',
    ],
    ['of another kind', { tool: 'bank__pay', arguments: { title: 7 } }, '"title": is of type number, expected string'],
    ['of nothing', {}, '"tool" is missing'],
    ['with a name of execute that is nearly right', { tool: 'bank__pay', argument: {} }, 'did you mean "arguments"?'],
    ['with arguments that are no object', { tool: 'bank__pay', arguments: 'title=x' }, 'expected object'],
  ])('%s is answered with what is wrong, for the model, and not sent', async (_what, args, problem) => {
    const before = received.length;
    const answer = await execute(args);
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain(problem);
    expect(received).toHaveLength(before);
  });

  test('keeps to the limits of its tool', async () => {
    await using one = await client();
    const pay = { name: 'execute', arguments: { tool: 'bank__pay', arguments: { title: 'x' } } };
    for (let count = 0; count < 3; count++) expect((await one.callTool(pay)).isError).not.toBe(true);
    expect(textOf((await one.callTool(pay)) as never)).toContain('limit');
  });

  test('is written down under the name of the tool that it really calls', async () => {
    await execute({ tool: 'bank__pay', arguments: { title: 'x' } });
    await execute({ tool: 'bank__pay', arguments: {} });
    await execute({ tool: 'bank__none' });
    await gateway.close();
    const lines = readFileSync(join(logDir, 'audit.jsonl'), 'utf8').trim().split('\n');
    const calls = lines.map((line) => JSON.parse(line) as Json).filter(({ event }) => event === 'call');
    const [called, wrong, unknown] = calls.slice(-3);
    expect(called).toMatchObject({ method: 'tools/call', server: 'bank', target: 'bank__pay', verdict: 'ok' });
    expect(wrong).toMatchObject({ server: 'bank', target: 'bank__pay', reason: 'GATEWAY_TOOL_ARGUMENTS' });
    expect(unknown).toMatchObject({ target: 'execute', reason: 'GATEWAY_UNKNOWN_NAME' });
  });
});
