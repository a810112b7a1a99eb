/** Why a server over HTTP cannot be reached, with what to look at. */
export function reachReason(cause: unknown, url: string): string {
  const { host, hostname } = new URL(url);
  const code = codeOf(cause);
  const message = cause instanceof Error ? cause.message : String(cause);
  switch (code) {
    case 'ECONNREFUSED':
      return `nothing listens at ${host}; is the server running, and is the port right?`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name "${hostname}" cannot be resolved; check "url"`;
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `${host} cannot be reached from this machine (${code})`;
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return `${host} does not speak TLS; is "url" meant to begin with http://?`;
    default:
      return message;
  }
}

/** A name with several addresses fails with several errors in one. */
function codeOf(cause: unknown): unknown {
  if (cause instanceof AggregateError) return codeOf(cause.errors[0]);
  if (!(cause instanceof Error)) return undefined;
  return 'code' in cause ? cause.code : codeOf(cause.cause);
}
