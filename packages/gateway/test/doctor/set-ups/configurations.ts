// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own variables
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { linesProgram } from '../../fixtures/lines-program.ts';
import { certificateAuthority } from '../../transport/certificates.ts';
import { configured, gateway, type RunSetUp } from './run-set-up.ts';

const { issue } = certificateAuthority('own');
const [one, other, old] = [issue('localhost'), issue('localhost'), issue('localhost', '20210101000000Z')];
const tls = { gateway: { ...gateway, tls: { cert: 'cert.pem', key: 'key.pem' } } };
const LOCKED =
  '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIBvTBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQI\n-----END ENCRYPTED PRIVATE KEY-----\n';

/** Below those that the system gives away. */
const TAKEN_PORT = 21_873;

/** Something else listens there; it does not matter what. */
async function takePort(): Promise<AsyncDisposable> {
  const server = createServer((_request, response) => response.writeHead(404).end());
  const { promise, resolve } = Promise.withResolvers<void>();
  server
    .once('listening', resolve)
    .once('error', () => resolve())
    .listen(TAKEN_PORT, '127.0.0.1');
  await promise;
  return { [Symbol.asyncDispose]: async () => void server.close() };
}

/** Begins an issuer whose metadata is of somebody else, and writes the configuration that trusts it. */
const trustOther =
  (section: (issuer: string) => object) =>
  async (folder: string): Promise<AsyncDisposable> => {
    const server = createServer(({ headers }, response) => {
      const issuer = `http://${headers.host}/other`;
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ issuer }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const [name, content] = Object.entries(configured({ gateway: { ...gateway, ...section(issuer) } }))[0] as [
      string,
      string,
    ];
    await writeFile(join(folder, name), content);
    return { [Symbol.asyncDispose]: async () => void server.close().closeAllConnections() };
  };

const ONE_TOOL = { command: process.execPath, args: ['-e', linesProgram('')] };

/** Each is examined alone, since it concerns all servers. */
export const CONFIGURATIONS: readonly RunSetUp[] = [
  {
    what: 'JSON that is broken',
    files: { 'lockgate.json': '{\n  "mcpServers": {\n    “files”: {}\n  }\n}\n' },
    check: 'configuration',
    cause: 'broken JSON: texts stand in straight double quotes',
    remedy: 'correct line 3',
  },
  {
    what: 'a key that is misspelt',
    files: configured({ gateway: { ...gateway, logLevl: 'debug' } }),
    check: 'configuration',
    cause: 'there is no such key',
    remedy: 'did you mean "logLevel"?',
  },
  {
    what: 'a key that stands twice',
    files: { 'lockgate.json': '{"mcpServers": {"a": {"url": "https://a.test"}, "a": {"url": "https://b.test"}}}' },
    check: 'configuration',
    cause: 'the key "a" stands twice',
    remedy: 'remove one',
  },
  {
    what: "another client's file",
    files: configured({ servers: { files: { command: 'node' } }, inputs: [] }),
    check: 'configuration',
    cause: 'there is no such key',
    remedy: 'here it is "mcpServers"',
  },
  {
    what: 'a variable that is not defined',
    files: configured({
      gateway,
      mcpServers: { github: { url: 'https://a.test', headers: { Authorization: 'Bearer ${GITHUB_TOKEN}' } } },
    }),
    check: 'configuration',
    cause: 'the variable "GITHUB_TOKEN" is not defined',
    remedy: 'set it in the environment or in the --env file',
  },
  {
    what: 'an env file with a line that is none',
    files: { ...configured({ gateway }), '.env': 'A=1\nB: 2\n' },
    args: ['--env', '.env'],
    check: 'configuration',
    cause: 'not NAME=value',
    remedy: 'correct line 2',
  },
  {
    what: 'an env file that is not there',
    files: configured({ gateway }),
    args: ['--env', 'none.env'],
    check: 'configuration',
    cause: 'cannot read the env file: there is no such file',
    remedy: 'check the path',
  },
  {
    what: 'a key for clients that is too short',
    files: configured({ gateway: { ...gateway, auth: { apiKeys: [{ name: 'me', key: '${KEY}' }] } } }),
    environment: { KEY: 'too-short' },
    check: 'configuration',
    cause: 'a key has at least 32 characters',
    remedy: '`lockgate config key` makes one',
  },
  {
    what: 'a variable with its value in its name',
    files: configured({ gateway, mcpServers: { a: { command: 'a', env: { 'TOKEN=do-not-show-me': '' } } } }),
    check: 'configuration',
    cause: 'the variable "TOKEN" has its value in its name',
    remedy: 'write "TOKEN": "..."',
  },
  {
    what: 'a list of tools that is empty',
    files: configured({ gateway, mcpServers: { a: { ...ONE_TOOL, tools: [] } } }),
    check: 'configuration',
    status: 'note',
    cause: 'mcpServers.a.tools is empty',
    remedy: 'take "tools" out to serve all',
  },
  {
    what: 'a prefix that two servers have',
    files: configured({ gateway, mcpServers: { notes: ONE_TOOL, more: { ...ONE_TOOL, prefix: 'notes' } } }),
    check: 'configuration',
    status: 'note',
    cause: 'have the prefix "notes" in common',
    remedy: 'give each a "prefix" of its own',
  },
  {
    what: 'one name for the tools of two servers',
    files: configured({
      gateway,
      mcpServers: { notes: { ...ONE_TOOL, prefix: '' }, more: { ...ONE_TOOL, prefix: '' } },
    }),
    check: 'names',
    status: 'warning',
    cause: '"any" is served as "any_2"',
    remedy: 'give each entry a "prefix" of its own',
  },
  {
    what: 'an issuer of tokens that is down',
    files: {},
    prepare: async (folder) => {
      const ended = await trustOther((issuer) => ({ auth: { jwt: { issuer, audience: 'here' } } }))(folder);
      await ended[Symbol.asyncDispose]();
      return undefined;
    },
    check: 'issuers',
    cause: 'cannot be fetched: connect ECONNREFUSED',
    remedy: 'see to it that this machine reaches it',
  },
  {
    what: 'an issuer of tokens that is another',
    files: {},
    prepare: trustOther((issuer) => ({ auth: { jwt: { issuer, audience: 'here' } } })),
    check: 'issuers',
    cause: 'its metadata is of another issuer, http://127.0.0.1:',
    remedy: 'correct "issuer"',
  },
  {
    what: 'an OpenID provider of the console that is another',
    files: {},
    prepare: trustOther((issuer) => ({
      console: { oidc: { issuer, clientId: 'lockgate', admin: { claim: 'groups', viewer: ['staff'] } } },
    })),
    check: 'issuers',
    cause: 'calls itself another issuer in its metadata',
    remedy: 'Write into "gateway.console.oidc.issuer" exactly what its metadata names',
  },
  {
    what: 'a port that is taken',
    files: configured({ gateway: { listen: `127.0.0.1:${TAKEN_PORT}` } }),
    prepare: takePort,
    check: 'address',
    cause: 'something else does (EADDRINUSE)',
    remedy: 'choose another "gateway.listen"',
  },
  {
    what: 'an address of another machine',
    files: configured({ gateway: { listen: '192.0.2.1:3000', allowUnauthenticated: true } }),
    check: 'address',
    cause: 'the address is none of this machine',
    remedy: 'write one of its addresses',
  },
  {
    what: 'an address that is open to strangers',
    files: configured({ gateway: { listen: '0.0.0.0:0' } }),
    check: 'address',
    cause: 'nobody is asked who they are',
    remedy: 'set "gateway.auth"',
  },
  {
    what: 'a certificate that is not there',
    files: configured(tls),
    check: 'tls',
    cause: 'there is no such file',
    remedy: 'check the path',
  },
  {
    what: 'a certificate and the key of another',
    files: { ...configured(tls), 'cert.pem': one.cert, 'key.pem': other.key },
    check: 'tls',
    cause: 'the private key is not the one of the certificate',
    remedy: 'give the key that it was made with',
  },
  {
    what: 'a certificate in place of its key',
    files: { ...configured(tls), 'cert.pem': one.key, 'key.pem': one.cert },
    check: 'tls',
    cause: 'it holds a private key, not a certificate',
    remedy: 'exchange "cert" and "key"',
  },
  {
    what: 'a key with a passphrase',
    files: { ...configured(tls), 'cert.pem': one.cert, 'key.pem': LOCKED },
    check: 'tls',
    cause: 'the private key is locked with a passphrase',
    remedy: 'write it without one',
  },
  {
    what: 'a certificate of its own that has expired',
    files: { ...configured(tls), 'cert.pem': old.cert, 'key.pem': old.key },
    check: 'tls',
    cause: 'the certificate expired on 2021-01-01',
    remedy: 'put a new one in its place',
  },
  {
    what: 'names that clients refuse',
    files: configured({
      gateway: { ...gateway, portableNames: false },
      mcpServers: { 'my.notes': ONE_TOOL },
    }),
    check: 'names',
    status: 'warning',
    cause: 'one tool has a name that many clients refuse',
    remedy: 'leave "portableNames" true',
  },
  {
    what: 'nothing to serve',
    files: configured({ gateway }),
    check: 'configuration',
    status: 'note',
    cause: 'nothing to serve',
    remedy: 'change it',
  },
];
