import type { HttpFailureKind } from '@lockgate/abi';
import type { HttpError } from './http-case.ts';

/** The `error-code` of `wasi:http` for each kind of failure; where there is none, `internal-error` says the reason. */
const CASES: Readonly<Record<HttpFailureKind, string | undefined>> = {
  denied: 'HTTP-request-denied',
  'prohibited-address': 'destination-IP-prohibited',
  'bad-url': 'HTTP-request-URI-invalid',
  'bad-method': 'HTTP-request-method-invalid',
  'bad-request': undefined,
  'too-many-requests': 'connection-limit-reached',
  'unknown-name': 'DNS-error',
  'name-timeout': 'DNS-timeout',
  'connection-refused': 'connection-refused',
  'connection-timeout': 'connection-timeout',
  unreachable: 'destination-unavailable',
  'connection-ended': 'connection-terminated',
  tls: 'TLS-protocol-error',
  certificate: 'TLS-certificate-error',
  'response-timeout': 'HTTP-response-timeout',
  'response-incomplete': 'HTTP-response-incomplete',
  'response-too-large': 'HTTP-response-body-size',
  'response-encoding': 'HTTP-response-content-coding',
  protocol: 'HTTP-protocol-error',
  'too-many-redirects': 'loop-detected',
  ended: undefined,
  other: undefined,
};

/** What goes with a case: of what is optional nothing. */
const PAYLOADS: ReadonlyMap<string, object | undefined> = new Map([
  ['DNS-error', { rcode: 'address not available', 'info-code': undefined }],
  ['HTTP-response-body-size', undefined],
  ['HTTP-response-content-coding', undefined],
]);

/** How a guest is told of a failure. */
export function failureCase(kind: HttpFailureKind, reason: string): HttpError {
  const tag = CASES[kind];
  if (tag === undefined) return { tag: 'internal-error', val: reason };
  return PAYLOADS.has(tag) ? { tag, val: PAYLOADS.get(tag) } : { tag };
}
