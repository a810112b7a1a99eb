import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import {
  beginSession,
  callFrame,
  modernHeaders,
  openModernHttp,
  openPipe,
  openSession,
  type RawClient,
} from '../fixtures/raw-client.ts';
import { type Script, serveScriptedHttp, serveScriptedProgram } from '../fixtures/raw-server.ts';
import { frameAndMutants } from '../protocol/frame/any-frame.ts';
import { LockgateProcess } from './lockgate-process.ts';

const GOOD = '"result":{"content":[],"good":true}';
const ERAS = ['legacy', 'modern'] as const;

const script: Script = { call: () => ({ body: GOOD }) };
const open = new AsyncDisposableStack();
let url = '';
let program: { command: string; args: readonly string[] };

beforeAll(async () => {
  const { command, args } = open.use(await serveScriptedProgram('legacy', script));
  program = { command, args };
  const mcpServers = { pipe: program, http: { url: open.use(await serveScriptedHttp('modern', script)).url } };
  const gateway = open.use(
    await createGateway({ gateway: { listen: '127.0.0.1:0' }, mcpServers: mcpServers as never }),
  );
  await gateway.started();
  ({ url } = await gateway.listen());
});

afterAll(() => open.disposeAsync());

/** What is sent, the code that it is answered with, and the id of that answer. */
const MALFORMED: readonly [string, number, unknown][] = [
  ['{', -32_700, null],
  ['hello', -32_700, null],
  ['{"jsonrpc":"2.0","id":1,"method":"ping",}', -32_700, null],
  ['{"jsonrpc":"2.0","id":01,"method":"ping"}', -32_700, null],
  ["{'jsonrpc':'2.0'}", -32_700, null],
  ['[', -32_700, null],
  ['"\\x"', -32_700, null],
  ['{"jsonrpc":"2.0","id":1,"method":"ping"} {}', -32_700, null],
  ['[]', -32_600, null],
  ['null', -32_600, null],
  ['7', -32_600, null],
  ['"ping"', -32_600, null],
  ['{}', -32_600, null],
  ['{"jsonrpc":"2.0"}', -32_600, null],
  ['{"id":1,"method":"ping"}', -32_600, 1],
  ['{"jsonrpc":"1.0","id":1,"method":"ping"}', -32_600, 1],
  ['{"jsonrpc":2.0,"id":1,"method":"ping"}', -32_600, 1],
  ['{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', -32_600, null],
  ['{"jsonrpc":"2.0","id":1,"ID":2,"method":"ping"}', -32_600, null],
  ['{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}', -32_600, 1],
  ['{"jsonrpc":"2.0","id":{},"method":"ping"}', -32_600, null],
  ['{"jsonrpc":"2.0","id":true,"method":"ping"}', -32_600, null],
  ['{"jsonrpc":"2.0","id":null,"method":"ping"}', -32_600, null],
  ['{"jsonrpc":"2.0","id":"a","method":7}', -32_600, 'a'],
  ['{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', -32_600, 1],
  ['{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}', -32_600, 1],
  ['{"jsonrpc":"2.0","id":1,"result":{},"error":{}}', -32_600, 1],
  ['{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"any"}}', -32_600, 1],
];

describe.each(ERAS)('over HTTP (%s)', (era) => {
  const headersFor = async (): Promise<Record<string, string>> =>
    era === 'modern' ? modernHeaders('any') : beginSession(`${url}/pipe`);

  test.each([...MALFORMED, ['', -32_700, null] as const])(
    '%j is answered with the error %i',
    async (body, code, id) => {
      const response = await fetch(`${url}/pipe`, { method: 'POST', headers: await headersFor(), body });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ jsonrpc: '2.0', id, error: { code, message: expect.any(String) } });
    },
  );

  test.each([
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), -32_700],
    ['lists in lists, deeper than is read', Buffer.from('['.repeat(50_000)), -32_600],
  ])('%s are answered with an error', async (_what, body, code) => {
    const response = await fetch(`${url}/pipe`, { method: 'POST', headers: await headersFor(), body });
    expect(await response.json()).toMatchObject({ id: null, error: { code } });
  });
});

describe.each(ERAS)('over a pipe (%s)', (era) => {
  let lockgate: LockgateProcess;
  let client: RawClient & Awaited<ReturnType<typeof openPipe>>;

  beforeAll(async () => {
    const config = { mcpServers: { pipe: program } };
    lockgate = open.use(await LockgateProcess.start({ config, args: ['--stdio', '--server', 'pipe'] }));
    client = await openPipe(era, lockgate.child.stdin, lockgate.child.stdout);
    await client.exchange(callFrame(era, '0', 'any', '{}'), '0');
  });

  test.each(MALFORMED)('%j is answered with the error %i', async (line, code, id) => {
    lockgate.child.stdin.write(`${line}\n`);
    expect(JSON.parse(await client.flow.next())).toMatchObject({ jsonrpc: '2.0', id, error: { code } });
  });

  test('an empty line is nothing', async () => {
    lockgate.child.stdin.write('\n\r\n');
    expect(await client.exchange(callFrame(era, '"after"', 'any', '{}'), '"after"')).toHaveLength(1);
  });

  test('whatever is written, the next request is answered', async () => {
    await fc.assert(
      fc.asyncProperty(frameAndMutants(4), async (texts) => {
        // A line that hangs the client up is no line.
        for (const text of texts) lockgate.child.stdin.write(Buffer.concat([text, Buffer.from('\n')]));
        const frames = await client.exchange(callFrame(era, '"after"', 'any', '{}'), '"after"');
        expect(frames.at(-1)).toContain('"good":true');
      }),
      { numRuns: 60 },
    );
  });
});

describe.each(['pipe', 'http'])('from a server (%s)', (server) => {
  test.each(ERAS)(
    'whatever it writes before an answer, a client (%s) is answered, and so is the next call',
    async (era) => {
      const own = `${url}/${server}`;
      const client = era === 'modern' ? await openModernHttp(own, 'any') : await openSession(own);
      await fc.assert(
        fc.asyncProperty(frameAndMutants(4), async (texts) => {
          const before = texts.map((text) => text.toString('latin1').replaceAll(/[\r\n]/g, ' '));
          script.call = () => ({ body: GOOD, before });
          const first = await client.exchange(callFrame(era, '1', 'any', '{}'), '1');
          expect(first.at(-1)).toMatch(/"good":true|GATEWAY_UPSTREAM_FAULT|"error":\{.*"code":/);
          script.call = () => ({ body: GOOD });
          const [next] = await client.exchange(callFrame(era, '2', 'any', '{}'), '2');
          expect(next).toContain('"good":true');
        }),
        { numRuns: 30 },
      );
    },
  );
});
