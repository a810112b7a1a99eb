import type { EntrySetUp, World } from './entry-set-up.ts';

const plain =
  (path: string, more: object = {}) =>
  ({ ports }: World) => ({ url: `http://127.0.0.1:${ports.plain}/${path}`, ...more });
const soon = { connectTimeoutMs: 900 };

/** Servers that run somewhere, and why they cannot be used. */
export const REMOTES: readonly EntrySetUp[] = [
  {
    what: 'an address where nothing listens',
    entry: ({ ports }) => ({ url: `http://127.0.0.1:${ports.none}/mcp` }),
    cause: 'nothing listens at 127.0.0.1',
    remedy: 'start the server',
  },
  {
    what: 'a host that nobody knows',
    entry: () => ({ url: 'https://no-such-host.invalid/mcp' }),
    cause: 'the name "no-such-host.invalid" cannot be resolved',
    remedy: 'check "url"',
  },
  {
    what: 'TLS on a plain port',
    entry: ({ ports }) => ({ url: `https://127.0.0.1:${ports.plain}/mcp` }),
    cause: 'does not speak TLS',
    remedy: '"url" begins with http://',
  },
  {
    what: 'no TLS on a port of TLS',
    entry: ({ ports }) => ({ url: `http://127.0.0.1:${ports.tls}/mcp` }),
    cause: 'closed the connection without an answer',
    remedy: '"url" begins with https://',
  },
  {
    what: 'no TLS on a port of TLS that says so',
    entry: plain('told'),
    cause: 'HTTP status 400: this port speaks TLS',
    remedy: '"url" begins with https://',
  },
  {
    what: 'a certificate of an unknown authority',
    entry: ({ ports }) => ({ url: `https://localhost:${ports.untrusted}/mcp` }),
    cause: 'is not trusted',
    remedy: 'NODE_EXTRA_CA_CERTS',
  },
  {
    what: 'a certificate that has expired',
    entry: ({ ports }) => ({ url: `https://localhost:${ports.expired}/mcp` }),
    cause: 'has expired',
    remedy: 'give the server a new one',
  },
  {
    what: 'a certificate for another name',
    entry: ({ ports }) => ({ url: `https://127.0.0.2:${ports.tls}/mcp` }),
    cause: 'is for another name',
    remedy: 'write the name of the certificate in "url"',
  },
  {
    what: 'a credential that is missing',
    entry: plain('401'),
    cause: 'HTTP status 401: it wants a credential',
    remedy: 'give one in "headers"',
  },
  {
    what: 'a login by OAuth that is asked for',
    entry: plain('login'),
    cause: 'it needs a login',
    remedy: 'run "lockgate connect',
    status: 'warning',
  },
  {
    what: 'a login by OAuth that is published only',
    entry: plain('published'),
    cause: 'it needs a login',
    remedy: 'run "lockgate connect',
    status: 'warning',
  },
  {
    what: 'a login at an address of another scheme',
    entry: plain('nowhere'),
    cause: 'nobody can log in: The address of an authorization server',
    remedy: 'its operator has to mend that, or give the right one as "issuer" in "auth"',
  },
  {
    what: 'a credential that is not enough',
    entry: plain('403', { headers: { Authorization: 'Bearer do-not-show-me' } }),
    cause: 'HTTP status 403: the credential in "headers" is not enough',
    remedy: 'give one that may use it',
  },
  {
    what: 'a wrong path',
    entry: plain('404'),
    cause: 'HTTP status 404: no MCP server is at this path',
    remedy: 'check "url"',
  },
  {
    what: 'a method that is not allowed',
    entry: plain('405'),
    cause: 'HTTP status 405: no MCP server is at this path',
    remedy: 'check "url"',
  },
  {
    what: 'a server that is asked too often',
    entry: plain('429'),
    cause: 'HTTP status 429: it is asked too often',
    remedy: 'wait',
  },
  {
    what: 'a server that fails itself',
    entry: plain('502'),
    cause: 'HTTP status 502: it has failed itself',
    remedy: 'look at its log',
  },
  {
    what: 'an address that has moved',
    entry: plain('301'),
    cause: 'which leads to https://new.example.test/mcp',
    remedy: 'write that one in "url"',
  },
  {
    what: 'a page for people',
    entry: plain('200'),
    cause: 'HTTP status 200, but not as an MCP server does',
    remedy: 'check "url"',
  },
  {
    what: 'a server that does not answer',
    entry: plain('hang', soon),
    cause: 'it did not answer within 900 ms',
    remedy: 'raise its "connectTimeoutMs"',
  },
  {
    what: 'streamable HTTP that is called SSE',
    entry: plain('405', { type: 'sse' }),
    cause: 'where a stream of events was expected',
    remedy: 'leave "type" out',
  },
  {
    what: 'SSE that is called HTTP',
    entry: ({ ports }) => ({ type: 'http', url: `http://127.0.0.1:${ports.sse}/sse` }),
    status: 'note',
    cause: 'it speaks the oldest transport over HTTP only',
    remedy: 'write "type": "sse"',
  },
];
