/** Why a request came to nothing, as far as its guest can tell one cause from another. */
export const HTTP_FAILURES = [
  /** What it asks for is not granted. */
  'denied',
  /** Its name leads to an address that only a grant of that address allows. */
  'prohibited-address',
  'bad-url',
  'bad-method',
  /** Anything else that no request has: a header in two lines, JSON that cannot be read. */
  'bad-request',
  'too-many-requests',
  /** Its name has no address. */
  'unknown-name',
  'name-timeout',
  'connection-refused',
  'connection-timeout',
  'unreachable',
  /** The connection ended before there was an answer. */
  'connection-ended',
  'tls',
  'certificate',
  'response-timeout',
  /** The connection ended within the answer. */
  'response-incomplete',
  'response-too-large',
  'response-encoding',
  /** What was answered is no HTTP. */
  'protocol',
  'too-many-redirects',
  /** The call that asked was ended. */
  'ended',
  'other',
] as const;

/** One of {@link HTTP_FAILURES}. */
export type HttpFailureKind = (typeof HTTP_FAILURES)[number];

/** What stands in an answer; `other` for a word that is none. */
export function readHttpFailure(value: unknown): HttpFailureKind {
  return HTTP_FAILURES.find((kind) => kind === value) ?? 'other';
}
