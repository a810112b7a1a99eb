import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, Server, ServerOptions } from 'node:http';
import { createServer as createHttpsServer, Server as HttpsServer } from 'node:https';
import { type SecureContextOptions, TLSSocket } from 'node:tls';
import { ConfigError } from '../config/config-error.ts';
import type { GatewaySection } from '../config/gateway-section.ts';
import { whyUnreadable } from '../config/why-unreadable.ts';
import { createServer as createHttpServer } from '../node-http.ts';
import { certificateProblem } from './certificate-problem.ts';

/** The certificate of a client. */
export interface TlsPeer {
  /** Hexadecimal with colons, as Node gives it. */
  readonly fingerprint256: string;
  readonly commonName?: string | undefined;
}

/**
 * Makes the server that listens: plain, or TLS 1.2 and newer, with the limits that keep slow and endless clients from
 * holding it. It does not listen yet.
 *
 * @throws GATEWAY_CONFIG when a PEM file cannot be used.
 */
export function createServer(gateway: Pick<GatewaySection, 'tls' | 'limits'>, onRequest: RequestListener): Server {
  const { limits, tls } = gateway;
  const options: ServerOptions = {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs),
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs),
    keepAliveTimeout: 65_000,
  };
  const server = tls === undefined ? createHttpServer(options, onRequest) : createTlsServer(tls, options, onRequest);
  server.maxConnections = limits.maxConnections;
  return server;
}

/** The client's certificate of a request, where its chain leads to the client CA. */
export function tlsPeerOf({ socket }: Pick<IncomingMessage, 'socket'>): TlsPeer | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const { fingerprint256, subject } = socket.getPeerCertificate();
  if (fingerprint256 === undefined) return undefined;
  const commonName = Array.isArray(subject?.CN) ? subject.CN[0] : subject?.CN;
  return { fingerprint256, commonName };
}

function createTlsServer(
  tls: NonNullable<GatewaySection['tls']>,
  options: ServerOptions,
  onRequest: RequestListener,
): Server {
  // Other ways in stay open: who comes without a certificate is asked for another credential.
  const asked = tls.clientCa === undefined ? {} : { requestCert: true, rejectUnauthorized: false };
  return inOrder(() => createHttpsServer({ ...options, ...certificates(tls), ...asked }, onRequest));
}

/**
 * Gives connections from now on the certificates that the files hold now.
 *
 * @throws GATEWAY_CONFIG when a PEM file cannot be used; what was served stays.
 */
export function renewCertificates(server: Server, tls: GatewaySection['tls']): void {
  if (tls && server instanceof HttpsServer) inOrder(() => server.setSecureContext(certificates(tls)));
}

function certificates(tls: NonNullable<GatewaySection['tls']>): SecureContextOptions {
  const read = (key: 'cert' | 'key' | 'clientCa', path: string): Buffer => {
    try {
      return readFileSync(path);
    } catch (error) {
      throw tlsProblem(key, whyUnreadable(error, path), error);
    }
  };
  const { clientCa } = tls;
  const own = { cert: read('cert', tls.cert), key: read('key', tls.key), minVersion: 'TLSv1.2' } as const;
  const wrong = certificateProblem(own);
  if (wrong) throw tlsProblem(wrong.key, wrong.message, undefined);
  return clientCa === undefined ? own : { ...own, ca: read('clientCa', clientCa) };
}

function inOrder<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw tlsProblem(
      'cert',
      'the certificate and key cannot be used; look at them with "openssl x509" and "openssl pkey"',
      error,
    );
  }
}

function tlsProblem(key: string, message: string, cause: unknown): ConfigError {
  return new ConfigError('configuration', [{ place: ['gateway', 'tls', key], message }], { cause });
}
