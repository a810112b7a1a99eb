import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openEcho } from '../fixtures/echo-upstream.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { connect, textOf } from './clients.ts';

const AT_ONCE = 20;
const RUNS = 150;

interface Case {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const METHODS = [
  'initialize',
  'ping',
  'tools/list',
  'tools/call',
  'resources/read',
  'server/discover',
  'subscriptions/listen',
  'logging/setLevel',
  'notifications/cancelled',
  'notifications/progress',
  '__proto__',
  'constructor',
  '',
];

const envelope = fc.record(
  {
    'io.modelcontextprotocol/protocolVersion': fc.oneof(
      fc.constantFrom('2026-07-28', '2025-11-25', '1'),
      fc.jsonValue(),
    ),
    'io.modelcontextprotocol/clientCapabilities': fc.oneof(fc.constant({}), fc.jsonValue()),
    progressToken: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

const params = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      name: fc.oneof(fc.constantFrom('echo', 'lockgate', '__proto__'), fc.jsonValue()),
      arguments: fc.jsonValue(),
      uri: fc.jsonValue(),
      cursor: fc.jsonValue(),
      notifications: fc.oneof(fc.constant({ toolsListChanged: true }), fc.jsonValue()),
      requestState: fc.oneof(fc.constant('lockgate.x'), fc.jsonValue()),
      inputResponses: fc.jsonValue(),
      protocolVersion: fc.jsonValue(),
      _meta: fc.oneof(envelope, fc.jsonValue()),
    },
    { requiredKeys: [] },
  ),
);

const message = fc.record(
  {
    jsonrpc: fc.constantFrom('2.0', '1.0', 2),
    id: fc.jsonValue(),
    method: fc.oneof(fc.constantFrom(...METHODS), fc.jsonValue()),
    params,
  },
  { requiredKeys: [] },
);

const body = fc.oneof(
  { weight: 6, arbitrary: message.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.array(message, { maxLength: 4 }).map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.jsonValue().map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 1, arbitrary: message.map((value) => JSON.stringify(value).slice(0, -3)) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 50_000 }).map((depth) => '['.repeat(depth)) },
);

const header = fc
  .string({ unit: fc.constantFrom(...' !"#%(),/:;<=>?@[]{}~abcXYZ019-_.*'), maxLength: 40 })
  .map((value) => value.trim());

const headersOf = (session: string) =>
  fc.record(
    {
      'content-type': fc.oneof({ weight: 5, arbitrary: fc.constant('application/json') }, header),
      accept: fc.oneof({ weight: 5, arbitrary: fc.constant('application/json, text/event-stream') }, header),
      'mcp-protocol-version': fc.oneof(fc.constantFrom('2026-07-28', '2025-11-25'), header),
      'mcp-session-id': fc.oneof(fc.constant(session), header),
      'mcp-method': fc.oneof(fc.constantFrom(...METHODS), header),
      'mcp-name': header,
      'mcp-param-x': header,
      'last-event-id': header,
      origin: fc.oneof(fc.constantFrom('http://localhost', 'https://evil.example', 'null'), header),
      host: fc.oneof({ weight: 8, arbitrary: fc.constant('localhost') }, header),
      authorization: header,
    },
    { requiredKeys: ['host'] },
  );

const anyCase = (session: string): fc.Arbitrary<Case> =>
  fc.record({
    method: fc.constantFrom('POST', 'POST', 'POST', 'POST', 'GET', 'DELETE', 'PUT', 'PATCH', 'OPTIONS', 'HEAD'),
    path: fc.constantFrom(
      '/mcp',
      '/mcp',
      '/mcp',
      '/mcp/echo',
      '/mcp/',
      '/mcp/nobody',
      '/mcp/%zz',
      '/mcp/..%2f',
      '/',
      '//',
      '/health/ready',
      '/metrics',
      '/mcp?x=1',
    ),
    headers: headersOf(session),
    body,
  });

test('whatever is sent to the HTTP entry is answered, and never by a fault of the gateway', {
  timeout: 180_000,
}, async () => {
  await using echo = await openEcho();
  await using gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0', prefix: 'auto' },
    mcpServers: { echo: { url: echo.url } } as never,
  });
  await gateway.started();
  const { url } = await gateway.listen();
  const { port } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const session = await beginSession(url);
  const property = fc.asyncProperty(
    fc.array(anyCase(session), { minLength: AT_ONCE, maxLength: AT_ONCE }),
    async (cases) => {
      const answers = await Promise.all(cases.map((one) => send(agent, Number(port), one)));
      for (const [i, answer] of answers.entries()) expectSense(answer, cases[i]);
    },
  );
  await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
  agent.destroy();
  await using client = await connect(url);
  expect(textOf(await client.callTool({ name: 'echo', arguments: { text: 'still here' } }))).toBe('still here');
});

/** A session that some of the requests belong to, until one of them ends it. */
async function beginSession(url: string): Promise<string> {
  const hello = {
    protocolVersion: '2025-11-25',
    capabilities: { elicitation: {} },
    clientInfo: { name: 'fuzz', version: '1' },
  };
  const begun = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: hello }),
  });
  await begun.text();
  return begun.headers.get('mcp-session-id') ?? '';
}

function expectSense({ status, type, text }: Answer, asked: Case | undefined): void {
  const shown = JSON.stringify({ status, type, text: text.slice(0, 300), asked });
  expect(status, shown).toBeLessThan(500);
  if (status >= 400 || asked?.method === 'HEAD') return;
  const isMcp = asked?.path.startsWith('/mcp') && asked.method === 'POST';
  if (!isMcp || status === 202 || type.startsWith('text/event-stream')) return;
  const parsed = JSON.parse(text);
  const answers = Array.isArray(parsed) ? parsed : [parsed];
  for (const answer of answers) expect(answer, shown).toMatchObject({ jsonrpc: '2.0' });
}

/** Sends it, and reads the answer or, where that is a stream that may go on for ever, its beginning. */
function send(agent: Agent, port: number, { method, path, headers, body }: Case): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = method === 'GET' || method === 'HEAD' ? '' : body;
  // Node's client sends the body of a DELETE without saying how long it is.
  const framed = { ...headers, ...(sent !== '' && { 'content-length': String(Buffer.byteLength(sent)) }) };
  const options = { agent, port, host: '127.0.0.1', method, path, headers: framed, timeout: 60_000 };
  const asked = request(options, (response) => {
    const { statusCode: status = 0 } = response;
    const type = String(response.headers['content-type'] ?? '');
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      text += chunk;
      if (!type.startsWith('text/event-stream')) return;
      resolve({ status, type, text });
      response.destroy();
    });
    response.on('end', () => resolve({ status, type, text }));
    if (type.startsWith('text/event-stream') && method === 'GET') {
      resolve({ status, type, text });
      response.destroy();
    }
  });
  asked.on('timeout', () =>
    reject(new Error(`no answer to ${JSON.stringify({ method, path, headers, body: body.slice(0, 500) })}`)),
  );
  asked.on('error', reject);
  asked.end(sent === '' ? undefined : sent);
  return promise;
}
