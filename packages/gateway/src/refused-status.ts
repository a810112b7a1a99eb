/** What an HTTP answer that is no MCP message says besides its status. */
export interface RefusalHints {
  /** It names the authorization server that a login would go to. */
  readonly wantsLogin?: boolean | undefined;
  /** It says that the port speaks TLS. */
  readonly speaksTls?: boolean | undefined;
  /** How long it says to wait. */
  readonly retryAfterSeconds?: number | undefined;
  /** Where it leads to, without what may be secret. */
  readonly location?: string | undefined;
  /** It is a guest of this process, which is asked at one path and without credentials. */
  readonly isGuest?: boolean | undefined;
}

/** What a status means, as the end of "... answered with HTTP status 404", and what to do about it. */
export function refusedStatus(
  status: number,
  { wantsLogin, speaksTls, retryAfterSeconds, location, isGuest }: RefusalHints = {},
): { readonly meaning: string; readonly remedy: string } {
  if (isGuest && status < 500)
    return {
      meaning: ' to POST /mcp',
      remedy: 'build it so that it answers there as an MCP server does, without a credential',
    };
  if (speaksTls) return { meaning: ': this port speaks TLS', remedy: '"url" begins with https://' };
  if (status === 401 && wantsLogin) {
    return {
      meaning: ': it wants a login, and does not take the credential in "headers"',
      remedy: 'give one that it takes, or take it out and have people log in',
    };
  }
  if (status === 401) return { meaning: ': it wants a credential', remedy: 'give one in "headers"' };
  if (status === 403) {
    return {
      meaning: ': the credential in "headers" is not enough, or it refuses this machine',
      remedy: 'give one that may use it',
    };
  }
  if (status === 404 || status === 405)
    return { meaning: ': no MCP server is at this path', remedy: 'check "url", whose path is often /mcp' };
  const wait = retryAfterSeconds === undefined ? 'wait' : `wait ${retryAfterSeconds} s`;
  if (status === 429) return { meaning: ': it is asked too often', remedy: `${wait}, or ask its operator for more` };
  if (status < 300) {
    return { meaning: ', but not as an MCP server does', remedy: 'check "url", whose path is often /mcp' };
  }
  if (status === 302 || status === 303) {
    return {
      meaning: `, which leads to ${location ?? 'another address'}`,
      remedy: 'if people log in there, give a credential in "headers"; else write that address in "url"',
    };
  }
  if (status < 400)
    return { meaning: `, which leads to ${location ?? 'another address'}`, remedy: 'write that one in "url"' };
  if (status < 500) return { meaning: '', remedy: 'check its "url" and "headers"' };
  if (retryAfterSeconds !== undefined)
    return { meaning: ': it is not available now', remedy: `${wait}; if that does not help, look at its log` };
  return { meaning: ': it has failed itself', remedy: 'look at its log' };
}
