import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createSocketServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { certificateAuthority } from '../transport/certificates.ts';

const servers: Server[] = [];
const ports = { http: 0, tls: 0, closing: 0, none: 0 };

beforeAll(async () => {
  const { cert, key } = certificateAuthority('somebody').issue('localhost');
  const made = {
    http: createServer((request, response) => {
      const status = Number(request.url?.slice(1));
      if (status > 0) response.writeHead(status, { 'content-type': 'text/html', location: '/x' }).end('<html>');
    }),
    tls: createTlsServer({ cert, key }, (_request, response) => response.end()),
    closing: createSocketServer((socket) => socket.destroy()),
    none: createSocketServer(),
  };
  for (const [name, server] of Object.entries(made)) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports[name as keyof typeof ports] = (server.address() as AddressInfo).port;
    servers.push(server);
  }
  made.none.close();
});

afterAll(() => {
  for (const server of servers) server.close();
});

const http = (path: string) => ({ url: `http://127.0.0.1:${ports.http}/${path}` });
const script = (text: string) => ({ command: process.execPath, args: ['-e', text] });
const soon = { connectTimeoutMs: 2_000 };

const CASES: readonly [what: string, entry: () => object, reason: () => string][] = [
  [
    'a command that is not there',
    () => ({ command: 'uvxx' }),
    () => 'the command "uvxx" was not found on PATH; did you mean "uvx"?',
  ],
  [
    'a command with its arguments in it',
    () => ({ command: 'node server.js' }),
    () =>
      'the command "node server.js" was not found on PATH; arguments go into "args": write "command": "node", "args": ["server.js"]',
  ],
  [
    'a folder that is not there',
    () => ({ command: 'node', cwd: '/no/where' }),
    () => 'the folder "/no/where" ("cwd") does not exist',
  ],
  [
    'a program that says why it ends',
    () => script('console.error("Error: GITHUB_TOKEN is required"); process.exit(1)'),
    () => 'it exited with code 1; its last words: Error: GITHUB_TOKEN is required; give GITHUB_TOKEN in its "env"',
  ],
  [
    'a program that is no MCP server',
    () => script('console.log("usage: tool [options]")'),
    () => 'it exited with code 0 without a word of MCP; check that "args" start it as an MCP server over stdio',
  ],
  [
    'a program that is silent',
    () => ({ ...script('process.stdin.resume()'), ...soon }),
    () => 'it did not answer within 2000 ms; raise its "connectTimeoutMs"',
  ],
  [
    'a program that was not made for pipes',
    () => ({ ...script('console.log("Server listening on 3000"); process.stdin.resume()'), ...soon }),
    () =>
      'it did not answer within 2000 ms, and wrote to stdout "Server listening on 3000", which is no message of MCP',
  ],
  [
    'an address where nothing listens',
    () => ({ url: `http://127.0.0.1:${ports.none}/mcp` }),
    () => `nothing listens at 127.0.0.1:${ports.none}; start the server, or correct the port in "url"`,
  ],
  [
    'a name that nobody knows',
    () => ({ url: 'http://no-such-host.invalid/mcp' }),
    () => 'the name "no-such-host.invalid" cannot be resolved; check "url"',
  ],
  [
    'TLS where none is spoken',
    () => ({ url: `https://127.0.0.1:${ports.http}/mcp` }),
    () => `127.0.0.1:${ports.http} does not speak TLS; "url" begins with http://`,
  ],
  [
    'no TLS where it is spoken',
    () => ({ url: `http://127.0.0.1:${ports.tls}/mcp` }),
    () =>
      `127.0.0.1:${ports.tls} closed the connection without an answer; if it speaks TLS, "url" begins with https://`,
  ],
  [
    'a certificate that nobody vouches for',
    () => ({ url: `https://localhost:${ports.tls}/mcp` }),
    () =>
      `the certificate of localhost:${ports.tls} is not trusted; name the file of its authority in NODE_EXTRA_CA_CERTS`,
  ],
  [
    'a server that says nothing',
    () => ({ ...http('hang'), ...soon }),
    () => 'it did not answer within 2000 ms; raise its "connectTimeoutMs"',
  ],
  ['a path that is not there', () => http('404'), () => 'HTTP status 404: no MCP server is at this path; check "url"'],
  ['a page for people', () => http('200'), () => 'HTTP status 200, but not as an MCP server does; check "url"'],
  ['a server that wants a credential', () => http('401'), () => 'HTTP status 401: it wants a credential'],
  ['a server that wants another credential', () => http('403'), () => 'HTTP status 403: the credential in "headers"'],
  [
    'an address that leads to another',
    () => http('302'),
    () => 'HTTP status 302, which leads to /x; if people log in there, give a credential in "headers"; else write',
  ],
  ['a server that fails itself', () => http('500'), () => 'HTTP status 500: it has failed itself; look at its log'],
];

test('the reason why a server is down says what to do about it', async () => {
  const entries = CASES.map(([what, entry], index) => [`s${index}`, what, entry()] as const);
  const mcpServers = Object.fromEntries(entries.map(([name, , entry]) => [name, entry]));
  await using gateway = await createGateway(
    { gateway: { listen: '127.0.0.1:0' }, mcpServers: mcpServers as never },
    { startWindowMs: 60_000 },
  );
  await gateway.started();
  const told = new Map(gateway.status().upstreams.map(({ name, reason }) => [name, reason]));
  expect(entries.map(([name, what]) => `${what}: ${told.get(name)}`)).toEqual(
    CASES.map(([what, , reason]) => expect.stringMatching(new RegExp(`^${literally(what)}: .*${literally(reason())}`))),
  );
});

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
