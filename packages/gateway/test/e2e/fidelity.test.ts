import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyJsonObjectText, anyJsonText } from '../fixtures/any-json-text.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import {
  callFrame,
  openModernHttp,
  openOldSse,
  openPipe,
  openSession,
  type RawClient,
} from '../fixtures/raw-client.ts';
import {
  type Answer,
  type Received,
  type Script,
  serveScriptedHttp,
  serveScriptedProgram,
} from '../fixtures/raw-server.ts';
import { LockgateProcess } from './lockgate-process.ts';

const SERVERS = ['http2025', 'http2026', 'pipe2025', 'pipe2026'] as const;
type ServerName = (typeof SERVERS)[number];

const CLIENTS = ['HTTP 2025', 'HTTP 2026', 'pipe 2025', 'pipe 2026', 'the oldest HTTP'] as const;
type ClientName = (typeof CLIENTS)[number];

const PAIRS = CLIENTS.flatMap((client) => SERVERS.map((server) => ({ client, server })));

const script: Script = { call: () => ({ body: '"result":{"content":[]}' }) };
const open = new AsyncDisposableStack();
let url = '';
const pipes = new Map<ClientName, RawClient>();

beforeAll(async () => {
  const mcpServers = {
    http2025: { url: open.use(await serveScriptedHttp('legacy', script)).url },
    http2026: { url: open.use(await serveScriptedHttp('modern', script)).url },
    pipe2025: program(open.use(await serveScriptedProgram('legacy', script))),
    pipe2026: program(open.use(await serveScriptedProgram('modern', script))),
  };
  const gateway = open.use(
    await createGateway({ gateway: { listen: '127.0.0.1:0' }, mcpServers: mcpServers as never }),
  );
  await gateway.started();
  ({ url } = await gateway.listen());
  for (const [client, era] of [
    ['pipe 2025', 'legacy'],
    ['pipe 2026', 'modern'],
  ] as const) {
    const lockgate = open.use(await LockgateProcess.start({ config: { mcpServers }, args: ['--stdio'] }));
    pipes.set(client, await openPipe(era, lockgate.child.stdin, lockgate.child.stdout));
  }
});

afterAll(() => open.disposeAsync());

const program = ({ command, args }: { command: string; args: readonly string[] }) => ({ command, args });

interface Opened extends AsyncDisposable {
  readonly client: RawClient;
  /** What the client calls the tool. */
  readonly tool: string;
}

/** A client of this kind, and the tool of this server: by its own name over HTTP, among those of all servers over pipes. */
async function openClient(name: ClientName, server: ServerName): Promise<Opened> {
  const nothing = async (): Promise<void> => {};
  const pipe = pipes.get(name);
  if (pipe) return { client: pipe, tool: `${server}__any`, [Symbol.asyncDispose]: nothing };
  const own = `${url}/${server}`;
  if (name === 'HTTP 2025') return { client: await openSession(own), tool: 'any', [Symbol.asyncDispose]: nothing };
  if (name === 'HTTP 2026')
    return { client: await openModernHttp(own, 'any'), tool: 'any', [Symbol.asyncDispose]: nothing };
  const old = await openOldSse(own.replace('/mcp', '/sse'));
  return { client: old, tool: 'any', [Symbol.asyncDispose]: () => old[Symbol.asyncDispose]() };
}

/** Raw line separators are written as escapes where lines are frames. */
const asLine = (text: string): string => text.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
const atServer = (text: string, server: ServerName): string => (server.startsWith('pipe') ? asLine(text) : text);
const atClient = (text: string, client: ClientName): string => (client.startsWith('pipe') ? asLine(text) : text);

const RUNS = { numRuns: 40 };
const anyId = fc.constantFrom(
  '1',
  '1.0',
  '1.5',
  '-0',
  '9223372036854775807',
  '"a"',
  '"\\u0061"',
  '"1"',
  '1e2',
  '"\u00e9"',
);

describe.each(PAIRS)('between a client over $client and the server $server', ({ client: kind, server }) => {
  const answering = (answer: (received: Received) => Answer): string[] => {
    const received: string[] = [];
    script.call = (call) => {
      received.push(call.frame);
      return answer(call);
    };
    return received;
  };

  test('arguments, results and what is told on the way keep every byte', async () => {
    await using opened = await openClient(kind, server);
    const { client, tool } = opened;
    const texts = fc.record({
      args: anyJsonText,
      meta: anyJsonText,
      structured: anyJsonObjectText,
      block: anyJsonText,
      unknown: anyJsonText,
      resultMeta: anyJsonText,
      progress: anyJsonText,
      log: anyJsonText,
    });
    const property = fc.asyncProperty(texts, anyId, fc.boolean(), async (said, id, streamed) => {
      const result =
        `"result":{"content":[ {"type":"text","text":"x","n":${said.block}}],"unknown":${said.unknown},` +
        `"structuredContent":${said.structured},"_meta":{"x/y":${said.resultMeta}}}`;
      const received = answering(({ progressToken }) => ({
        body: result,
        streamed,
        before: [
          `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1.0,"x":${said.progress},"progressToken":${progressToken}}}`,
          `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":${said.log}}}`,
        ],
      }));
      const frame = callFrame(client.era, id, tool, said.args, ['"progressToken":"p\\u0031"', `"x/y":${said.meta}`]);
      const frames = await client.exchange(frame, id);
      expect(received).toHaveLength(1);
      expect(received[0]).toContain(`"name":"any","arguments":${atServer(said.args, server)}`);
      expect(received[0]).toContain(`"x/y":${atServer(said.meta, server)}`);
      const [progress, log, answer, ...more] = frames;
      expect(more).toEqual([]);
      expect(progress).toBe(
        `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1.0,"x":${atClient(said.progress, kind)},"progressToken":"p\\u0031"}}`,
      );
      expect(log).toBe(
        `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":${atClient(said.log, kind)}}}`,
      );
      expect(answer?.startsWith(`{"jsonrpc":"2.0","id":${id},"result":{`)).toBe(true);
      expect(answer).toContain(`"content":[ {"type":"text","text":"x","n":${atClient(said.block, kind)}}]`);
      expect(answer).toContain(`"unknown":${atClient(said.unknown, kind)}`);
      expect(answer).toContain(`"structuredContent":${atClient(said.structured, kind)}`);
      expect(answer).toContain(`"x/y":${atClient(said.resultMeta, kind)}`);
    });
    await fc.assert(property, RUNS);
  });

  test('an error keeps every byte, whatever its code', async () => {
    await using opened = await openClient(kind, server);
    const { client, tool } = opened;
    const code = fc.constantFrom('-32002', '-32602', '-32603', '-1', '7');
    const property = fc.asyncProperty(code, anyJsonText, anyId, async (number, data, id) => {
      const error = (text: string): string => `"error":{"code":${number}, "message":"gone","data":${text},"more":[]}`;
      answering(() => ({ body: error(data) }));
      const frames = await client.exchange(callFrame(client.era, id, tool, '{}'), id);
      expect(frames).toEqual([`{"jsonrpc":"2.0","id":${id},${error(atClient(data, kind))}}`]);
    });
    await fc.assert(property, RUNS);
  });

  test('an answer that is none is an error of the call, and the next call is answered', async () => {
    await using opened = await openClient(kind, server);
    const { client, tool } = opened;
    const broken = [
      (id: number) => `{"jsonrpc":"2.0","id":${id},"result":[]}`,
      (id: number) => `{"jsonrpc":"2.0","id":${id},"result":{},"error":{}}`,
      (id: number) => `{"jsonrpc":"2.0","id":${id}}`,
      (id: number) => `{"jsonrpc":"1.0","id":${id},"result":{}}`,
      (id: number) => `{"jsonrpc":"2.0","id":${id},"error":"no"}`,
    ];
    for (const frame of broken) {
      answering((call) => ({ body: frame(call.id) }));
      const [failed = ''] = await client.exchange(callFrame(client.era, '7', tool, '{}'), '7');
      expect(failed).toContain('GATEWAY_UPSTREAM_FAULT');
      answering(() => ({ body: '"result":{"content":[],"again":1.0}' }));
      const [next] = await client.exchange(callFrame(client.era, '8', tool, '{}'), '8');
      expect(next).toContain('"again":1.0');
    }
  });
});
