import { LockgateError } from '@lockgate/abi';
import { UpstreamLostError } from '../errors.ts';

/** Why a server over HTTP cannot be reached, with what to look at; undefined where it is no matter of the way there. */
export function reachReason(error: unknown, url: string): string | undefined {
  const { host, hostname, protocol } = new URL(url);
  const cause = causeOf(error);
  const code = cause && 'code' in cause ? String(cause.code) : '';
  switch (code) {
    case 'ECONNREFUSED':
      return `nothing listens at ${host}; is the server running, and is the port right?`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name "${hostname}" cannot be resolved; check "url"`;
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `${host} cannot be reached from this machine (${code})`;
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return `${host} does not speak TLS; is "url" meant to begin with http://?`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `the certificate of ${host} is for another name; check "url"`;
    case 'CERT_HAS_EXPIRED':
      return `the certificate of ${host} has expired`;
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return `the certificate of ${host} is not trusted; name the file of its authority in NODE_EXTRA_CA_CERTS`;
    default: {
      if (!(error instanceof UpstreamLostError)) return undefined;
      const hint = protocol === 'http:' ? '; if it speaks TLS, "url" begins with https://' : '';
      return `${host} closed the connection without an answer${hint}`;
    }
  }
}

/** The first error of the chain that comes from below the gateway. A name with several addresses fails with several in one. */
function causeOf(error: unknown): Error | undefined {
  if (error instanceof AggregateError) return causeOf(error.errors[0]);
  if (!(error instanceof Error)) return undefined;
  return 'code' in error && !LockgateError.isInstance(error) ? error : causeOf(error.cause);
}
