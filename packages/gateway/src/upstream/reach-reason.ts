import { LockgateError } from '@lockgate/abi/without-guests';
import type { Diagnosis } from '../diagnosis.ts';
import { UpstreamLostError } from '../errors.ts';
import { StreamEndedError } from '../transport/server-link.ts';

/** Why a server over HTTP cannot be reached, with what to look at; undefined where it is no matter of the way there. */
export function reachReason(error: unknown, url: string): Diagnosis | undefined {
  const { host, hostname, protocol } = new URL(url);
  const cause = causeOf(error);
  const code = cause && 'code' in cause ? String(cause.code) : '';
  switch (code) {
    case 'ECONNREFUSED':
      return {
        problem: `nothing listens at ${host}`,
        remedy: 'start the server, or correct the port in "url"',
      };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        problem: `the name "${hostname}" cannot be resolved`,
        remedy: 'check "url", and whether this machine has a network',
      };
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return {
        problem: `${host} cannot be reached from this machine (${code})`,
        remedy: 'check "url" and firewalls; a proxy of the environment is used with NODE_USE_ENV_PROXY=1',
      };
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return { problem: `${host} does not speak TLS`, remedy: '"url" begins with http://' };
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        problem: `the certificate of ${host} is for another name`,
        remedy: 'write the name of the certificate in "url"',
      };
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return {
        problem: `the certificate of ${host} ${code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet'}`,
        remedy: 'give the server a new one, or set the clock of this machine',
      };
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return {
        problem: `the certificate of ${host} is not trusted`,
        remedy: 'name the file of its authority in NODE_EXTRA_CA_CERTS',
      };
    case 'UND_ERR_HEADERS_OVERFLOW':
    case 'HPE_HEADER_OVERFLOW':
      return {
        problem: `${host} answers with headers of more than 16 KiB`,
        remedy: 'have the server, or a proxy in front of it, send fewer',
      };
    default: {
      if (!(error instanceof UpstreamLostError)) return undefined;
      if (error.cause instanceof StreamEndedError) {
        const problem = `${host} ended its stream of events without an answer`;
        return { problem, remedy: 'look at its log; an event ends with an empty line' };
      }
      // Source: the parser of HTTP/1.1 that Node has, whose errors begin so.
      if (code.startsWith('HPE_')) {
        const problem = `${host} answers with something that is not HTTP/1.1`;
        const tls = protocol === 'http:' ? 'if it speaks TLS, "url" begins with https://; ' : '';
        return { problem, remedy: `${tls}a server that speaks HTTP/2 alone needs a proxy in front of it` };
      }
      return {
        problem: `${host} closed the connection without an answer`,
        remedy:
          protocol === 'http:'
            ? 'if it speaks TLS, "url" begins with https://'
            : 'look at its log, and whether it speaks HTTP/1.1',
      };
    }
  }
}

/** The first error of the chain that comes from below the gateway. A name with several addresses fails with several in one. */
function causeOf(error: unknown): Error | undefined {
  if (error instanceof AggregateError) return causeOf(error.errors[0]);
  if (!(error instanceof Error)) return undefined;
  return 'code' in error && !LockgateError.isInstance(error) ? error : causeOf(error.cause);
}
