import { openHttpClient, STANDARD_HEADERS } from '../transport/http-client.ts';

/** How long a server may take to show what it publishes about itself. */
const PATIENCE_MS = 3_000;

/** What is published is short. */
const MAX_BYTES = 64 * 1024;

/** The JSON that anybody may read at an address, as its text; undefined where there is none. */
export async function published(url: URL): Promise<string | undefined> {
  const client = openHttpClient();
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const timer = setTimeout(resolve, PATIENCE_MS);
  const chunks: Buffer[] = [];
  let byteLength = 0;
  const end = client.send(
    url,
    { method: 'GET', headers: { ...STANDARD_HEADERS, accept: 'application/json' } },
    {
      onHead: (status, { 'content-type': type = '' }) => {
        if (status !== 200 || !/^application\/json\b/.test(type)) resolve(undefined);
      },
      onData: (chunk) => {
        chunks.push(chunk);
        byteLength += chunk.length;
        if (byteLength > MAX_BYTES) resolve(undefined);
      },
      onEnd: () => resolve(Buffer.concat(chunks).toString('utf8')),
      onFailure: () => resolve(undefined),
    },
  );
  return promise.finally(() => {
    clearTimeout(timer);
    end();
  });
}
