import { componentGuest, componentServerGuest, echoGuest, flow, guardGuest, serverGuest } from '@lockgate/testkit';
import { Client, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, test } from 'vitest';
import { runLockgate } from '../cli/run-lockgate.ts';
import { LockgateProcess } from './lockgate-process.ts';

// Servers and plugins in WebAssembly say words that their guard withholds from everybody: in answers and beside them, in their log, as their last words.
// Clients of every kind call all their tools, at a gateway of two processes. The words have to be nowhere, in no byte that leaves it.

const canServe = 'Suspending' in WebAssembly;
if (!canServe)
  console.log(`skipped: withheld words of servers over wasi:http: Node ${process.versions.node} has no JSPI`);

/** Each word of a server begins with this. */
const toolsOf = (word: string): NonNullable<Parameters<typeof serverGuest>[0]> => {
  const params = { level: 'error', data: `${word}-message` };
  const message = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params });
  return {
    answer: ({ say, answer }) => [
      say(2, `${word}-stderr\n`),
      ...answer({
        content: [{ type: 'text', text: `${word}-text` }],
        structuredContent: { key: `${word}-structured` },
        _meta: { 'x.y/z': `${word}-meta` },
        more: `${word}-more`,
      }),
    ],
    failure: ({ answer }) => answer({ content: [{ type: 'text', text: `${word}-failure` }], isError: true }),
    odd: ({ answer }) => answer({ content: `${word}-odd` }),
    tell: ({ say }) => [say(1, `${message}\n`)],
    say: ({ answerMessage }) => answerMessage(),
    junk: ({ say }) => [say(1, `${word}-junk\n`)],
    trap: ({ say }) => [say(2, `Error: ${word}-trap\n`), flow.trap('void')],
    exit: ({ say, exit }) => [say(2, `Error: ${word}-exit\n`), exit(3)],
  };
};

/** What ends its server has a server of its own, so that it finds it there. */
const FATAL = ['trap', 'exit'];
const SECRET = toolsOf('withheld');
const MODULES = {
  'whole.wasm': serverGuest(SECRET),
  'run.wasm': componentServerGuest('run', SECRET),
  ...(canServe && { 'http.wasm': componentServerGuest('http', SECRET) }),
};

function openGateway(): Promise<LockgateProcess> {
  const modes = ['filter', 'strict'] as const;
  const labels = { secrecy: ['private'], integrity: [] };
  const guardOf = (difc_mode: string) =>
    guardGuest({
      answers: {
        label_agent: { agent: { secrecy: [], integrity: [] }, difc_mode },
        label_resource: { resource: { description: '', ...labels }, operation: 'read' },
      },
    });
  const files = Object.keys(MODULES).map((file) => [file.split('.')[0], { wasm: `./${file}` }] as const);
  const guarded = files.flatMap(([name, entry]) => [
    ...['', ...FATAL].map((tool) => [`filter-${name}${tool}`, { ...entry, guard: 'filter' }] as const),
    [`strict-${name}`, { ...entry, guard: 'strict' }] as const,
  ]);
  const plugins = modes.flatMap((guard) =>
    ['echo', 'typed'].map((name) => [`${guard}-${name}`, { path: `./${name}.wasm`, guard }] as const),
  );
  return LockgateProcess.start({
    config: {
      gateway: { listen: '127.0.0.1:0', logDir: 'logs', adminSocket: './admin.sock' },
      guards: Object.fromEntries(modes.map((mode) => [mode, { path: `./${mode}.wasm` }])),
      mcpServers: Object.fromEntries([['open', { wasm: './open.wasm' }], ...guarded]),
      plugins: Object.fromEntries(plugins),
    },
    files: {
      ...MODULES,
      ...Object.fromEntries(modes.map((mode) => [`${mode}.wasm`, guardOf(mode)])),
      'open.wasm': serverGuest(toolsOf('given')),
      'echo.wasm': echoGuest(),
      'typed.wasm': componentGuest(),
    },
    args: ['--processes', '2'],
  });
}

/** A client that keeps every byte which it is sent. */
async function listener(url: string, way: 'legacy' | 'modern' | 'sse') {
  const seen: string[] = [];
  const keeping: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    seen.push(JSON.stringify([...response.headers]));
    if (!response.body) return response;
    const [kept, given] = response.body.tee();
    const keep = new WritableStream<string>({ write: (text) => void seen.push(text) });
    kept
      .pipeThrough(new TextDecoderStream())
      .pipeTo(keep)
      .catch(() => undefined);
    return new Response(given, response);
  };
  const versionNegotiation = { mode: way === 'modern' ? 'auto' : 'legacy' } as const;
  const client = new Client({ name: 'listener', version: '1' }, { versionNegotiation });
  const options = { fetch: keeping };
  await client.connect(
    way === 'sse'
      ? new SSEClientTransport(new URL(url.replace(/\/mcp$/, '/sse')), options)
      : new StreamableHTTPClientTransport(new URL(url), options),
  );
  if (way !== 'modern') await client.setLoggingLevel('debug');
  return { client, seen };
}

/** Calls every tool that comes back, each with a word as its argument. */
async function callAll(client: Client): Promise<void> {
  for (const { name } of (await client.listTools()).tools) {
    const [server = '', tool = ''] = name.split('__');
    const fatal = FATAL.find((one) => server.endsWith(one));
    const isMeant = server.endsWith('typed')
      ? !['spin', 'eat'].includes(tool)
      : fatal === FATAL.find((one) => one === tool);
    if (!isMeant) continue;
    const word = server === 'open' ? 'given-said' : 'withheld-said';
    await client
      .callTool({ name, arguments: { message: word, text: word, a: 1, b: 2, number: 1 } })
      .catch(() => undefined);
  }
}

test('what guards withhold of servers and plugins in WebAssembly comes out nowhere, and what is given is given', {
  timeout: 240_000,
}, async () => {
  await using lockgate = await openGateway();
  const url = await lockgate.url();
  const places: Record<string, string> = {};
  for (const way of ['legacy', 'modern', 'sse'] as const) {
    const { client, seen } = await listener(url, way);
    await callAll(client);
    await client.close();
    places[way] = seen.join('');
    expect(new Set(places[way].match(/given-[a-z]+/g))).toEqual(
      new Set(
        ['failure', 'meta', 'more', 'odd', 'said', 'structured', 'text', ...(way === 'modern' ? [] : ['message'])].map(
          (what) => `given-${what}`,
        ),
      ),
    );
  }
  for (const page of ['/metrics', '/health']) places[page] = await (await fetch(new URL(page, url))).text();
  for (const command of ['status', 'logs']) {
    const { stdout, stderr } = await runLockgate([command], { workingFolder: lockgate.folder });
    places[command] = stdout + stderr;
  }
  await lockgate.stop();
  places.written = await lockgate.everythingWritten('logs');
  const found = Object.entries(places).map(([place, text]) => [place, new Set(text.match(/withheld-[a-z]+/g))]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(Object.keys(places).map((place) => [place, new Set()])));
});
