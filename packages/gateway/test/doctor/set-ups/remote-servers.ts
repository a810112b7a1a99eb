import { createServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createSocketServer, type Server } from 'node:net';
import { certificateAuthority } from '../../transport/certificates.ts';

export interface RemotePorts {
  /** Answers with the status that the path names; `/hang` never; `/login` as one that wants a login. */
  readonly plain: number;
  /** TLS by a certificate of the authority, for localhost and 127.0.0.1. */
  readonly tls: number;
  /** TLS by a certificate that has expired. */
  readonly expired: number;
  /** TLS by a certificate of an authority that nobody knows. */
  readonly untrusted: number;
  /** The oldest HTTP with SSE, at every path. */
  readonly sse: number;
  /** Nothing listens there. */
  readonly none: number;
}

const html = { 'content-type': 'text/html' };

const statuses: RequestListener = ({ url = '', headers }, response) => {
  const status = Number(url.slice(1));
  const json = (value: object): void =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  const at = (path: string): string => `http://${headers.host}${path}`;
  if (status > 0) response.writeHead(status, { ...html, location: 'https://new.example.test/mcp?key=1' }).end('<html>');
  else if (url === '/login') {
    const challenge = `Bearer resource_metadata="${at('/metadata-of-login')}"`;
    response.writeHead(401, { 'www-authenticate': challenge }).end();
  } else if (url === '/metadata-of-login') json({ resource: at('/login'), authorization_servers: [at('/issuer')] });
  else if (url === '/.well-known/oauth-authorization-server/issuer') json({ issuer: at('/issuer') });
  else if (url === '/published' || url === '/nowhere') response.writeHead(401).end();
  else if (url === '/.well-known/oauth-protected-resource/published')
    json({ resource: at('/published'), authorization_servers: [at('/issuer')] });
  else if (url === '/.well-known/oauth-protected-resource/nowhere')
    json({ resource: at('/nowhere'), authorization_servers: ['urn:example:issuer'] });
  else if (url === '/told') response.writeHead(400).end('Client sent an HTTP request to an HTTPS server.\n');
  else if (url !== '/hang') response.writeHead(404).end();
};

/** Answers `initialize` and `tools/list` as servers of 2024 do: on one stream. */
function oldest(): RequestListener {
  let stream: Parameters<RequestListener>[1] | undefined;
  return async (request, response) => {
    if (request.method === 'GET') {
      stream = response.writeHead(200, { 'content-type': 'text/event-stream' });
      stream.write('event: endpoint\ndata: /messages\n\n');
      return;
    }
    if (request.url !== '/messages') return void response.writeHead(405).end();
    const { id, method } = JSON.parse(Buffer.concat(await request.toArray()).toString());
    response.writeHead(202).end();
    const results: Record<string, object> = {
      initialize: {
        protocolVersion: '2024-11-05',
        capabilities: { tools: {} },
        serverInfo: { name: 'old', version: '1' },
      },
      'tools/list': { tools: [{ name: 'any', inputSchema: { type: 'object' } }] },
    };
    if (id !== undefined) stream?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: results[method] })}\n\n`);
  };
}

/** Servers at all these ports, and the certificate of the authority that some of them are of. */
export async function openRemoteServers() {
  const authority = certificateAuthority('known');
  const tls = (certificate: { readonly cert: string; readonly key: string }) =>
    createTlsServer({ cert: certificate.cert, key: certificate.key }, (_request, response) => response.end());
  const servers: Record<keyof RemotePorts, Server | HttpServer> = {
    plain: createServer(statuses),
    tls: tls(authority.issue('localhost')),
    expired: tls(authority.issue('localhost', '20210101000000Z')),
    untrusted: tls(certificateAuthority('unknown').issue('localhost')),
    sse: createServer(oldest()),
    none: createSocketServer(),
  };
  const ports: Record<string, number> = {};
  for (const [name, server] of Object.entries(servers)) {
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    ports[name] = (server.address() as AddressInfo).port;
  }
  servers.none.close();
  return {
    ports: ports as unknown as RemotePorts,
    authority: authority.cert,
    async [Symbol.asyncDispose]() {
      for (const server of Object.values(servers)) {
        server.close();
        if ('closeAllConnections' in server) server.closeAllConnections();
      }
    },
  };
}
