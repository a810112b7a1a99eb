import type { Fetch } from '@lockgate/runtime';
import { LoginFaultError } from './login-fault.ts';

/** How long an authorization server may take for one answer, in milliseconds. */
const TIMEOUT_MS = 15_000;

/** Largest answer that is read, in bytes. */
const MAX_BYTES = 1_048_576;

const LOOPBACK: readonly string[] = ['localhost', '127.0.0.0/8', '::1'];

export interface LoginFetchOptions {
  /** The server that logins are for. */
  readonly server: URL;
  /** Addresses that the configuration itself names. */
  readonly named: readonly (string | undefined)[];
  /** Granted hosts and addresses that are not public. */
  readonly allowedHosts: readonly string[];
}

/**
 * Asks metadata and authorization servers. Where they are is the server's word: so addresses that are not public are reached only where the server itself is
 * on this machine, or the configuration names them. Redirects are not followed; clear text only goes to this machine, and to what the configuration names.
 */
export function createLoginFetch({ server, named, allowedHosts }: LoginFetchOptions): Fetch {
  const known = new Set([server.origin, ...named.flatMap((url) => (url === undefined ? [] : [new URL(url).origin]))]);
  let checked: Promise<Fetch> | undefined;
  const load = async (): Promise<Fetch> => {
    const { createCheckedFetch } = await import('@lockgate/runtime');
    return createCheckedFetch([...(isLoopback(server) ? LOOPBACK : []), ...allowedHosts]);
  };
  return async (href, init) => {
    const url = new URL(href);
    const isKnown = known.has(url.origin);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && (isKnown || isLoopback(url)))) {
      const at = url.origin === 'null' ? `An address of ${url.protocol}` : url.origin;
      throw new LoginFaultError(`${at} is not asked: logins go over https: alone, unless to this machine`);
    }
    if (!isKnown) checked ??= load();
    const fetch = (isKnown ? undefined : await checked) ?? ((to, how) => globalThis.fetch(to, how));
    try {
      return await whole(await fetch(href, { ...init, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) }));
    } catch (error) {
      throw new LoginFaultError(`${url.host} cannot be asked (${reasonOf(error)})`, {
        cause: error,
        isUnanswered: true,
      });
    }
  };
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** The answer with all of its body, up to a limit. */
async function whole(response: Response): Promise<Response> {
  const parts: Uint8Array[] = [];
  let byteLength = 0;
  for await (const part of response.body ?? []) {
    byteLength += part.byteLength;
    if (byteLength > MAX_BYTES) throw new Error(`its answer is larger than ${MAX_BYTES} bytes`);
    parts.push(part);
  }
  const headers = [...response.headers].filter(([name]) => !/^(content-encoding|content-length)$/i.test(name));
  const hasBody = ![101, 204, 205, 304].includes(response.status);
  return new Response(hasBody ? Buffer.concat(parts) : null, { status: response.status, headers });
}

/** `fetch` says "fetch failed", and keeps the reason in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause;
  if (inner instanceof Error) return 'code' in inner ? String(inner.code) : inner.message;
  return error.name === 'TimeoutError' ? `it did not answer within ${TIMEOUT_MS / 1_000} seconds` : error.message;
}
