import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { introduced, serveScripted } from '../fixtures/scripted-server.ts';
import { connect, textOf } from './clients.ts';
import { COMBINATIONS, openFourServers } from './four-servers.ts';

type Json = Record<string, unknown>;

describe('a script of a client that searches', () => {
  let four: Awaited<ReturnType<typeof openFourServers>>;

  beforeAll(async () => {
    four = await openFourServers();
  });

  afterAll(async () => {
    await four[Symbol.asyncDispose]();
  });

  test.each(COMBINATIONS)('$era calls $server with the answers of direct calls', async ({ era, server }) => {
    await using client = await connect(`${four.url}?discovery=search`, era);
    const code = `
      const [text, image, failed] = await Promise.all([
        api.call('${server}__test_simple_text'),
        api.call('${server}__test_image_content'),
        api.tryCall('${server}__test_error_handling'),
      ]);
      return { text, image: image[0].type, failed };`;
    const answer = await client.callTool({ name: 'run_script', arguments: { code } });
    expect(JSON.parse(textOf(answer as never))).toEqual({
      text: 'This is a simple text response for testing.',
      image: 'image',
      failed: { ok: false, error: { message: 'This tool intentionally returns an error for testing' } },
    });
  });

  test.each(COMBINATIONS)('$era that is cancelled has its calls of $server cancelled', async ({ era, server }) => {
    await using client = await connect(`${four.url}?discovery=search`, era);
    const waiting = async (): Promise<string> =>
      textOf((await client.callTool({ name: `${server}__count_waiting` })) as never);
    const leaving = new AbortController();
    const code = `return api.call('${server}__wait_until_cancelled')`;
    const run = client.callTool({ name: 'run_script', arguments: { code } }, { signal: leaving.signal });
    const ended = run.catch((error: unknown) => error);
    // A run that ends before its call is seen is what the test is told, and not that nothing was seen.
    const told = run.then(JSON.stringify, String);
    await expect.poll(() => Promise.race([told, waiting()])).toBe('1');
    leaving.abort();
    expect(await ended).toBeInstanceOf(Error);
    await expect.poll(waiting).toBe('0');
  });

  test.each(COMBINATIONS)('$era ends calls of $server that it does not wait for', async ({ era, server }) => {
    await using client = await connect(`${four.url}?discovery=search`, era);
    const waiting = async (): Promise<string> =>
      textOf((await client.callTool({ name: `${server}__count_waiting` })) as never);
    const code = `
      api.call('${server}__wait_until_cancelled');
      while ((await api.call('${server}__count_waiting')) === '0');
      return 'done';`;
    const answer = await client.callTool({ name: 'run_script', arguments: { code } });
    expect(textOf(answer as never)).toBe('done');
    while ((await waiting()) !== '0');
  });

  test('is told by progress which call runs', async () => {
    await using client = await connect(`${four.url}?discovery=search`, 'legacy');
    const told: (string | undefined)[] = [];
    const code = `await api.call('stdio-2025__test_simple_text'); await api.call('http-2026__test_simple_text'); return 1;`;
    const onprogress = ({ message }: { message?: string | undefined }): void => void told.push(message);
    await client.callTool({ name: 'run_script', arguments: { code } }, { onprogress });
    expect(told).toEqual(['stdio-2025__test_simple_text', 'http-2026__test_simple_text']);
  });

  test.each(COMBINATIONS)('$era whose calls of $server ask its client all at once', async ({ era, server }) => {
    await using client = await connect(
      `${four.url}?discovery=search`,
      era,
      {},
      { elicitation: {}, sampling: {}, roots: {} },
    );
    let questions = 0;
    const answering =
      <T>(answer: T) =>
      (): T => {
        questions += 1;
        return answer;
      };
    const content = { username: 'ann', email: 'ann@example.com' };
    client.setRequestHandler('elicitation/create', answering({ action: 'accept', content } as const));
    const said = { type: 'text', text: 'sampled' } as const;
    client.setRequestHandler(
      'sampling/createMessage',
      answering({ role: 'assistant', model: 'm', content: said } as const),
    );
    client.setRequestHandler('roots/list', answering({ roots: [{ uri: 'file:///ann' }] }));
    const code = `return Promise.all([
      api.tryCall('${server}__test_elicitation', { message: 'who?' }),
      api.tryCall('${server}__test_sampling', { prompt: 'hi' }),
      api.tryCall('${server}__test_input_required_result_list_roots'),
    ]);`;
    const answers = JSON.parse(textOf((await client.callTool({ name: 'run_script', arguments: { code } })) as never));
    // A modern client is asked by an answer to its own request, which a script's call is not.
    const refused = {
      ok: false,
      error: { message: expect.stringMatching(/declare the required capability/) },
    };
    const asked = ['ann@example.com', 'sampled', 'file:///ann'].map((told) => ({
      ok: true,
      data: expect.stringContaining(told),
    }));
    expect(answers).toEqual(era === 'legacy' ? asked : [refused, refused, refused]);
    expect(questions).toBe(era === 'legacy' ? 3 : 0);
  });
});

describe('in a gateway with keys', () => {
  const KEY = 'a-key-of-somebody-that-is-long-enough';
  const logDir = mkdtempSync(join(tmpdir(), 'lockgate-scripts-'));
  const received: string[] = [];
  let server: Awaited<ReturnType<typeof serveScripted>>;
  let gateway: Gateway;
  let url: string;

  const config = (scripts: Json = {}) => ({
    gateway: {
      listen: '127.0.0.1:0',
      discovery: 'search',
      logDir,
      auth: {
        apiKeys: [
          { name: 'ann', key: KEY },
          { name: 'bob', key: `${KEY}-2`, servers: ['other'] },
        ],
      },
      scripts,
    },
    mcpServers: {
      bank: { url: server.url, 'tool-call-limits': { pay: 3 }, answers: { pay: { omit: ['/paid'] } } },
      other: { url: server.url },
    },
  });

  beforeAll(async () => {
    const schema = {
      type: 'object',
      properties: { title: { type: 'string', description: 'What for */ eval(1)' }, amount: { type: 'integer' } },
      required: ['title'],
    };
    const tools = [{ name: 'pay', description: 'Pays money', inputSchema: schema }];
    server = await serveScripted(({ era, method, params }) => {
      if (method === 'initialize' || method === 'server/discover') return introduced(era, { tools: {} });
      if (method === 'tools/list') return { result: { tools } };
      received.push(JSON.stringify(params));
      return { result: { content: [{ type: 'text', text: '{"paid": true, "__proto__": {"polluted": 1}}' }] } };
    });
    gateway = await createGateway(config() as never);
    await gateway.started();
    ({ url } = await gateway.listen());
  });

  afterAll(async () => {
    await gateway.close();
    await server[Symbol.asyncDispose]();
  });

  const run = async (code: string, key = KEY): Promise<Json & { text: string }> => {
    await using client = await connect(url, 'legacy', { authorization: `Bearer ${key}` });
    const answer = (await client.callTool({ name: 'run_script', arguments: { code } })) as Json;
    return { ...answer, text: textOf(answer as never) };
  };
  const errorOf = async (code: string): Promise<string> => (JSON.parse((await run(code)).text) as Json).error as string;

  test('a script searches, reads declarations and checks nothing that a call would not', async () => {
    const { text } = await run(`
      const { tools } = await api.search('pay money');
      return { found: tools.map(({ tool }) => tool), types: await api.types(tools[0].tool) };`);
    const { found, types } = JSON.parse(text);
    expect(found).toContain('bank__pay');
    expect(types).toBe(`/** Pays money */
declare function call(tool: "${found[0]}", args: {
  /** What for * / eval(1) */
  title: string;
  amount?: number;
}): Promise<unknown>;`);
  });

  test.each<[string, string, string]>([
    ['unknown', `return api.tryCall('bank__pya')`, 'Did you mean bank__pay?'],
    ['called with wrong arguments', `return api.tryCall('bank__pay', { titel: 'x' })`, '"title" is missing'],
    ['run_script itself', `return api.tryCall('run_script', { code: '1' })`, 'Unknown tool: run_script.'],
    ['execute', `return api.tryCall('execute', { tool: 'bank__pay' })`, 'Unknown tool: execute.'],
  ])('a tool that is %s is an error that the script can catch', async (_what, code, problem) => {
    const before = received.length;
    expect(((await errorOf(code)) as unknown as Json).message).toContain(problem);
    expect(received).toHaveLength(before);
  });

  test('a script reaches no server that its caller does not see', async () => {
    const code = `return [await api.tryCall('bank__pay', { title: 'x' }), (await api.search({ server: 'other' })).found, await api.search('pay')];`;
    const { text } = await run(code, `${KEY}-2`);
    const [called, found, all] = JSON.parse(text);
    expect(called.error.code).toBe('GATEWAY_UNKNOWN_NAME');
    expect(found).toBe(1);
    expect(JSON.stringify(all)).not.toContain('bank');
  });

  test('a script keeps to the call limits of its session, and a key named __proto__ stays a key', async () => {
    const { text } = await run(`
      const all = [];
      for (let i = 0; i < 4; i++) all.push(await api.tryCall('bank__pay', { title: 'x' }));
      return [all.map(({ ok }) => ok), all[3].error.code, ({}).polluted === undefined, Object.keys(all[0].data)];`);
    expect(JSON.parse(text)).toEqual([
      [true, true, true, false],
      'GATEWAY_TOOL_CALL_LIMIT',
      true,
      ['paid', '__proto__'],
    ]);
  });

  test('what a script throws is told with its line and what it had written', async () => {
    const answer = await run(`console.log('so far', { a: 1 });\n\nthrow new TypeError('no');`);
    expect(answer.isError).toBe(true);
    expect(answer._meta).toMatchObject({ 'dev.lockgate/error': 'GATEWAY_SCRIPT_FAILED' });
    expect(answer.text).toBe('The script failed: TypeError: no (line 3)\nconsole:\nso far {"a":1}');
  });

  test('a script that is too long is refused by its own code', async () => {
    const answer = await run(`// ${'x'.repeat(70_000)}`);
    expect(answer._meta).toMatchObject({ 'dev.lockgate/error': 'GATEWAY_SCRIPT_SOURCE' });
    expect(answer.text).toContain('gateway.scripts.maxSourceBytes');
  });

  test('the audit log has the run, and under its id each call', async () => {
    await run(
      `await api.call('bank__pay', { title: 'x' }); await api.search('pay'); await api.tryCall('none'); return 1;`,
    );
    await gateway.reopenLogs();
    await expect
      .poll(() => {
        const lines = readFileSync(join(logDir, 'audit.jsonl'), 'utf8').trim().split('\n');
        const calls = lines.map((line) => JSON.parse(line) as Json).filter(({ event }) => event === 'call');
        const last = calls.at(-1)?.script;
        return calls
          .filter(({ script }) => script !== undefined && script === last)
          .map((call) => [call.target, call.server, call.verdict]);
      })
      .toEqual([
        ['bank__pay', 'bank', 'ok'],
        ['search', undefined, 'ok'],
        ['execute', undefined, 'failed'],
        ['run_script', undefined, 'ok'],
      ]);
  });

  test('the tool goes where scripts are switched off, and its limits follow the configuration', async () => {
    await using client = await connect(url, 'legacy', { authorization: `Bearer ${KEY}` });
    const names = async (): Promise<string[]> => (await client.listTools()).tools.map(({ name }) => name);
    expect(await names()).toEqual(['search', 'execute', 'run_script']);
    await gateway.reconfigure(config({ maxCalls: 1 }) as never);
    expect(
      JSON.parse((await run(`await api.search('x'); return api.tryCall('other__pay', { title: 'x' })`)).text),
    ).toMatchObject({
      error: { code: 'GATEWAY_SCRIPT_CALLS' },
    });
    await gateway.reconfigure(config({ enabled: false }) as never);
    expect(await names()).toEqual(['search', 'execute']);
    await expect(client.callTool({ name: 'run_script', arguments: { code: '1' } })).rejects.toThrow('Unknown tool');
  });
});
