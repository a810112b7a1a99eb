export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** How long one answer of an issuer may take, in milliseconds. */
const TIMEOUT_MS = 5_000;

/** Largest answer that is read; key sets with whole certificate chains stay far below it. */
const MAX_ANSWER_BYTES = 1_048_576;

/**
 * Asks an issuer of tokens. It is not followed elsewhere, is given 5 seconds, and read up to 1 MiB. Rejects where it cannot be reached, or is slow, or
 * says more.
 */
export async function askIssuer(fetch: Fetch, url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
  const parts: Uint8Array[] = [];
  let byteLength = 0;
  for await (const part of response.body ?? []) {
    byteLength += part.byteLength;
    // Leaving the loop ends the answer.
    if (byteLength > MAX_ANSWER_BYTES) throw new Error(`it is larger than ${MAX_ANSWER_BYTES} bytes`);
    parts.push(part);
  }
  const { status, headers } = response;
  return new Response(response.body ? Buffer.concat(parts) : null, { status, headers });
}
