import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from '../../config/config-error.ts';
import type { RedisTlsSection } from '../../config/state-section.ts';
import { whyUnreadable } from '../../config/why-unreadable.ts';
import { certificateProblem } from '../../transport/certificate-problem.ts';

/** What a connection over TLS is made with. */
export interface RedisTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/**
 * Reads PEM files, and looks at what they hold: a connection that fails later would not say which of them is at fault.
 *
 * @throws GATEWAY_CONFIG where one cannot be used.
 */
export function readRedisTls({ ca, cert, key }: RedisTlsSection = {}): RedisTls {
  const authority = ca === undefined ? undefined : read('ca', ca);
  if (authority && !isCertificate(authority)) {
    throw problem(
      'ca',
      'it holds no certificate in PEM; give the file of who signed the server\'s certificate, which begins with "-----BEGIN CERTIFICATE-----"',
    );
  }
  if (cert === undefined || key === undefined) return authority ? { ca: authority } : {};
  const own = { cert: read('cert', cert), key: read('key', key) };
  const wrong = certificateProblem(own);
  if (wrong) throw problem(wrong.key, wrong.message);
  return { ...own, ...(authority && { ca: authority }) };
}

function read(name: keyof RedisTls, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw problem(name, whyUnreadable(error, path), error);
  }
}

function isCertificate(pem: Buffer): boolean {
  try {
    return new X509Certificate(pem).publicKey !== undefined;
  } catch {
    return false;
  }
}

function problem(name: keyof RedisTls, message: string, cause?: unknown): ConfigError {
  const place = ['gateway', 'state', 'redis', 'tls', name];
  return new ConfigError('configuration', [{ place, message }], { cause });
}
