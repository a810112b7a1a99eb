import assert from 'node:assert/strict';
import { once } from 'node:events';

const START_LIMIT_MS = 240_000;

/** The address that the gateway prints, or an error with everything it said instead. */
export async function servedUrl(server, ended) {
  let said = '';
  const found = new Promise((resolve) => {
    server.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
      const url = /http:\/\/127\.0\.0\.1:\d+\/mcp\b/.exec(said)?.[0];
      if (url) resolve(url);
    });
  });
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  const tooLate = once(limit, 'abort').then(() => undefined);
  const url = await Promise.race([found, ended.then(() => undefined), tooLate]);
  assert.ok(url, `npm start did not serve anything. It said:\n${said}`);
  return url;
}
