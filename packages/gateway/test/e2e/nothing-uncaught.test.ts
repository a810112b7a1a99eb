import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import {
  echoGuest,
  errorCodeGuard,
  exitingGuest,
  invalidJsonGuard,
  invalidJsonGuest,
  invalidUtf8Guest,
  lyingSpanGuest,
  trappingGuard,
  trappingGuest,
} from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { serveHostileHttp } from '../fixtures/hostile-http.ts';
import { Hostility } from '../fixtures/hostility.ts';
import { LockgateProcess } from './lockgate-process.ts';

const program = new URL('../fixtures/hostile-program.ts', import.meta.url).pathname;
const hostileProgram = (seed: number) => ({ command: process.execPath, args: [program, String(seed)] });

/** Writes down what nobody has caught, which ends the process as well. */
const WITNESS = `data:text/javascript,${encodeURIComponent(
  `import { appendFileSync } from 'node:fs';
   process.on('uncaughtExceptionMonitor', (error, origin) => appendFileSync('uncaught.log', origin + ' ' + (error?.stack ?? error) + '\\n'));
   process.on('warning', (warning) => appendFileSync('uncaught.log', 'warning ' + warning.stack + '\\n'));`,
)}`;
const nodeOptions = ['--import', WITNESS, '--disable-warning=ExperimentalWarning'];

const uncaught = ({ folder }: LockgateProcess): string => {
  const file = join(folder, 'uncaught.log');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

const METHODS = [
  'initialize',
  'ping',
  'server/discover',
  'subscriptions/listen',
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'prompts/list',
  'prompts/get',
  'completion/complete',
  'logging/setLevel',
  'tasks/list',
  'tasks/get',
  'tasks/result',
  'tasks/cancel',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/roots/list_changed',
  'unknown',
];
const SERVERS = ['p1', 'p2', 'h1', 'h2', 'trap', 'json', 'utf8', 'span', 'exit', 'echo', 'g1', 'g2', 'g3'];
const TOOLS = ['a', 'a', 'b', '__proto__'];
const GUEST_TOOLS = ['echo', 'misbehave', 'a'];

/** What a client may ask, most of it sensible. */
function clientFrame(hostility: Hostility, isModern: boolean) {
  const method = hostility.chance(0.4) ? 'tools/call' : hostility.one(METHODS);
  const server = hostility.one(SERVERS);
  const tool = `${server}__${hostility.one(/^[ph]\d/.test(server) ? TOOLS : GUEST_TOOLS)}`;
  const uri = hostility.one(['test://a', 'test://b', 'other://x']);
  const progressToken = hostility.one([1, 'x', 'y', hostility.value()]);
  const meta = isModern
    ? {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientInfo': { name: 'c', version: '1' },
        'io.modelcontextprotocol/clientCapabilities': hostility.one([
          {},
          { roots: {} },
          { sampling: {}, elicitation: {} },
        ]),
        progressToken,
      }
    : { progressToken };
  const sensible = {
    name: tool,
    uri,
    arguments: { message: 'hi' },
    level: hostility.one(['debug', 'error', 'loud']),
    ref: { type: 'ref/prompt', name: tool },
    argument: { name: 'x', value: 'y' },
    requestId: hostility.one([1, 2, 'x']),
    notifications: { toolsListChanged: true, resourceSubscriptions: ['test://a'] },
    _meta: meta,
  };
  const params = hostility.chance(0.8) ? sensible : { ...sensible, ...hostility.object() };
  const isNotification = method.startsWith('notifications/');
  const message = { jsonrpc: '2.0', ...(!isNotification && { id: hostility.one([1, 2, 3, 'x']) }), method, params };
  const answer = { jsonrpc: '2.0', id: hostility.one([1, 2, hostility.value()]), result: hostility.value() };
  const body = JSON.stringify(hostility.chance(0.9) ? message : hostility.chance(0.3) ? [message, answer] : answer);
  const name = method.startsWith('resources/') ? uri : tool;
  return { method, name, body: hostility.chance(0.03) ? body.slice(0, -3) : body };
}

/** Sends bytes, and goes at any moment: before the end of the request, at the first byte of the answer, or after it. */
async function sendAndGo(port: number, request: string, hostility: Hostility): Promise<string> {
  const socket = connectTcp(port, '127.0.0.1');
  const isWhole = hostility.chance(0.85);
  const goesEarly = hostility.chance(0.4);
  let answer = '';
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  socket.on('error', () => {}).once('close', resolve);
  socket.setTimeout(2_000, () => socket.destroy());
  socket.on('data', (chunk) => {
    answer += chunk;
    if (goesEarly || (request.startsWith('GET') && answer.includes('text/event-stream'))) socket.destroy();
  });
  socket.write(isWhole ? request : request.slice(0, Math.floor(request.length * hostility.next())));
  if (!isWhole) setTimeout(() => (hostility.chance(0.5) ? socket.end() : socket.destroy()), 5);
  await closed;
  return answer;
}

function httpRequest(hostility: Hostility, session: string | undefined): string {
  const isModern = hostility.chance(0.4);
  const { method: asked, name, body } = clientFrame(hostility, isModern);
  const path = hostility.one([...Array<string>(12).fill('/mcp'), '/mcp/p1', '/mcp/h1', '/mcp/echo', '/metrics', '/x']);
  const method = hostility.one([...Array<string>(20).fill('POST'), 'GET', 'GET', 'DELETE', 'PUT']);
  const era = isModern
    ? ['mcp-protocol-version: 2026-07-28', `mcp-method: ${asked}`, `mcp-name: ${name}`]
    : [`mcp-session-id: ${session}`, 'mcp-protocol-version: 2025-11-25'];
  const headers = [
    'host: 127.0.0.1',
    'connection: close',
    'content-type: application/json',
    `accept: ${hostility.one(['application/json, text/event-stream', 'application/json, text/event-stream', '*/*'])}`,
    `content-length: ${Buffer.byteLength(body)}`,
    ...(hostility.chance(0.97) ? era : []),
    ...(hostility.chance(0.1) ? [`last-event-id: ${hostility.one(['1', 'x', '-1', '9999999'])}`] : []),
  ];
  return `${method} ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`;
}

async function beginSession(url: string, hostility: Hostility): Promise<string | undefined> {
  const capabilities = hostility.one([{}, { roots: { listChanged: true } }, { sampling: {}, elicitation: {} }]);
  const params = { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'c', version: '1' } };
  const response = await fetch(url, {
    method: 'POST',
    headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
  });
  await response.text();
  return response.headers.get('mcp-session-id') ?? undefined;
}

async function hostileConfig() {
  const [h1, h2] = await Promise.all([serveHostileHttp(1), serveHostileHttp(2)]);
  const limits = { callTimeoutMs: 400, connectTimeoutMs: 2_000, breaker: { failures: 1_000_000 } };
  const inline = { isolation: 'inline' };
  const guests: Record<string, Uint8Array> = {
    trap: trappingGuest(),
    json: invalidJsonGuest({ in: 'tools' }),
    utf8: invalidUtf8Guest(),
    span: lyingSpanGuest({ lie: 'outside' }),
    exit: exitingGuest(),
    echo: echoGuest(),
    g1: trappingGuard({ in: 'label_resource' }),
    g2: invalidJsonGuard({ in: 'label_response' }),
    g3: errorCodeGuard({ in: 'label_agent' }),
  };
  const guarded = ['g1', 'g2', 'g3'];
  const config = {
    gateway: { listen: '127.0.0.1:0', logLevel: 'debug', shutdownTimeoutMs: 500 },
    plugins: {
      ...Object.fromEntries(
        ['trap', 'json', 'utf8', 'span', 'exit', 'echo'].map((name) => [
          name,
          { path: `./${name}.wasm`, ...inline, watch: true },
        ]),
      ),
      ...Object.fromEntries(guarded.map((name) => [name, { path: './echo.wasm', ...inline, guard: name }])),
    },
    guards: Object.fromEntries(guarded.map((name) => [name, { path: `./${name}.wasm` }])),
    mcpServers: {
      p1: { ...hostileProgram(1), ...limits },
      p2: { ...hostileProgram(2), ...limits },
      h1: { url: h1.url, ...limits },
      h2: { url: h2.url, ...limits },
    },
  };
  const files = Object.fromEntries(Object.entries(guests).map(([name, bytes]) => [`${name}.wasm`, bytes]));
  return {
    config,
    files,
    async [Symbol.asyncDispose]() {
      await Promise.all([h1[Symbol.asyncDispose](), h2[Symbol.asyncDispose]()]);
    },
  };
}

test('nothing that a server, a client over HTTP or a guest says or does is an uncaught exception', {
  timeout: 180_000,
}, async () => {
  await using hostile = await hostileConfig();
  await using lockgate = await LockgateProcess.start({ ...hostile, nodeOptions });
  const url = await lockgate.url();
  const port = Number(new URL(url).port);
  await lockgate.said(/in the JSON file of a client/);
  let answered = 0;
  const client = async (seed: number): Promise<void> => {
    const hostility = new Hostility(seed);
    let session: string | undefined;
    for (let i = 0; i < 50; i++) {
      if (i % 10 === 0) session = await beginSession(url, hostility);
      const answer = await sendAndGo(port, httpRequest(hostility, session), hostility);
      if (answer.includes('"result":')) answered++;
      expect(lockgate.child.exitCode, uncaught(lockgate)).toBeNull();
    }
  };
  const replaced = async (): Promise<void> => {
    const contents = [
      new Uint8Array(),
      hostile.files['json.wasm'],
      hostile.files['trap.wasm'],
      hostile.files['echo.wasm'],
    ];
    for (const content of contents) {
      await writeFile(join(lockgate.folder, 'echo.wasm'), content as Uint8Array);
      await lockgate.said(/module \w+/);
    }
  };
  await Promise.all([...Array.from({ length: 6 }, (_, index) => client(100 + index)), replaced()]);
  expect((await fetch(url.replace('/mcp', '/health/live'))).status).toBe(200);
  expect(answered).toBeGreaterThan(10);
  expect(await lockgate.stop(), lockgate.stderr.slice(-3_000)).toBe(0);
  expect(uncaught(lockgate)).toBe('');
});

test('nor is what a client says over stdio', { timeout: 180_000 }, async () => {
  await using hostile = await hostileConfig();
  await using lockgate = await LockgateProcess.start({ ...hostile, args: ['--stdio'], nodeOptions });
  const hostility = new Hostility(7);
  const { stdin } = lockgate.child;
  stdin.on('error', () => {});
  for (let i = 0; i < 600; i++) {
    const { body } = clientFrame(hostility, hostility.chance(0.5));
    stdin.write(hostility.chance(0.05) ? Buffer.from([0xff, 0x00, 0x0a]) : `${body}\n`);
    // Its answers make room in the pipe, and time pass.
    if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  stdin.end('{"jsonrpc":"2.0","id":1,');
  expect(await lockgate.exited, lockgate.stderr.slice(-3_000)).toBe(0);
  expect(uncaught(lockgate)).toBe('');
  expect(lockgate.stdout.split('\n').length).toBeGreaterThan(30);
});
