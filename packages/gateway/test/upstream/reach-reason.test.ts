import { expect, test } from 'vitest';
import { UpstreamLostError } from '../../src/errors.ts';
import { StreamEndedError } from '../../src/transport/server-link.ts';
import { reachReason } from '../../src/upstream/reach-reason.ts';

const coded = (code: string) => Object.assign(new Error('no'), { code });

test.each([
  [new StreamEndedError(), 'ended its stream of events without an answer'],
  [coded('UND_ERR_HEADERS_OVERFLOW'), 'headers of more than 16 KiB'],
  [coded('HPE_HEADER_OVERFLOW'), 'headers of more than 16 KiB'],
  [coded('HPE_INVALID_CONSTANT'), 'something that is not HTTP/1.1'],
  [coded('UND_ERR_SOCKET'), 'closed the connection without an answer'],
])('why a server gave no answer is told for %s', (cause, words) => {
  const lost = new UpstreamLostError({ server: 's', method: 'initialize' }, { cause });
  expect(reachReason(lost, 'http://a.test/mcp')?.problem).toContain(words);
});
