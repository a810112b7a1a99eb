import { expect, test } from 'vitest';
import {
  DeadlineError,
  UpstreamFaultError,
  UpstreamLostError,
  UpstreamRefusedError,
  UpstreamUnavailableError,
} from '../../src/errors.ts';
import { withoutContents } from '../../src/monitor/without-contents.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { RpcError } from '../../src/protocol/rpc-error.ts';

const reason = 'its last words: MARKED';

test('what the gateway says of a failure by itself is all there', () => {
  const late = new DeadlineError({ server: 'a', method: 'tools/call', timeoutMs: 1 });
  const own = RpcError.of(-32_603, 'own');
  const down = new UpstreamUnavailableError({ server: 'a', state: 'starting' });
  for (const error of [late, own, down]) expect(withoutContents(error)).toBe(error);
});

test.each([
  new UpstreamUnavailableError({ server: 'a', state: 'restarting', reason }),
  new UpstreamLostError({ server: 'a', method: 'tools/call', reason }),
  new UpstreamRefusedError({ server: 'a', status: 302, location: 'https://a.example/MARKED' }),
  // Where in an answer something is wrong is a number of the server's choice.
  new UpstreamFaultError({ server: 'a', method: 'tools/call', problem: 'The frame is not JSON, at byte MARKED.' }),
])('an error keeps its name without the words that may quote its server', (error) => {
  expect(error.message).toContain('MARKED');
  const bare = withoutContents(error) as Error & { readonly code: string };
  expect([bare.code, bare.message.includes('MARKED')]).toEqual([error.code, false]);
});

test.each([
  ['an error of the server', RpcError.received(ObjectText.from({ code: 1, message: 'MARKED' }))],
  ['what nobody foresaw', new TypeError('MARKED')],
  ['a failure of a plugin', Object.assign(new Error('MARKED'), { code: 'RUNTIME_TRAP' })],
])('of %s nothing is left', (_what, error) => {
  expect(withoutContents(error)).toBeUndefined();
});
