import { DigestMismatchError, SourceUnreadableError, SwapRejectedError } from '@lockgate/loader';
import { GuestTrapError, LinkError, UnreadableFileError } from '@lockgate/runtime';
import { expect, test } from 'vitest';
import { NotLoadedError } from '../../src/errors.ts';
import { whyNotLoaded } from '../../src/modules/why-not-loaded.ts';

const rejected = (cause: Error): Error =>
  new SwapRejectedError({ module: 'a', reason: 'failed at start-up' }, { cause, isFirst: true });
const unlinked = (mayPass?: boolean): Error =>
  new LinkError({ module: 'a', reason: 'no such import', ...(mayPass && { mayPass }) });
const digest = new DigestMismatchError({ source: 'a', expected: '0', actual: '1' });

test.each([
  ['what cannot be linked', unlinked()],
  ['a file that is not there', new UnreadableFileError('/none.wasm', 'there is no such file')],
  ['another file than the one that is named', digest],
])('of %s it is told what is wrong and what to do, and that no other attempt helps', async (_what, cause) => {
  const why = await whyNotLoaded(rejected(cause), 'plugin', { path: '/none.wasm', limits: {} });
  expect(why).toBeInstanceOf(NotLoadedError);
  expect((why as Error).message).toMatch(/^\/none\.wasm: .*; check the path, or build the guest first$/);
});

test.each([
  ['code of the guest that failed as it started', unlinked(true)],
  ['a trap', new GuestTrapError({ module: 'a', exportName: 'tools', reason: 'unreachable' })],
  ['a want of memory', new RangeError('WebAssembly.Memory(): could not allocate memory')],
  ['files that are too many', Object.assign(new Error('too many open files'), { code: 'EMFILE' })],
])('%s may pass, and is told as it is', async (_what, cause) => {
  const error = rejected(cause);
  expect(await whyNotLoaded(error, 'plugin', { path: '/none.wasm', limits: {} })).toBe(error);
});

test('what comes over a network may be there later, but does not change what it is', async () => {
  const remote = (cause: Error): Promise<unknown> =>
    whyNotLoaded(rejected(cause), 'plugin', { path: undefined, limits: {} });
  const error = await remote(unlinked());
  expect(error).toBeInstanceOf(NotLoadedError);
  expect((error as Error).message).toMatch(/no such import/);
  for (const cause of [digest, new SourceUnreadableError({ source: 'a', problem: 'the server answered 503' })]) {
    expect(await remote(cause)).toMatchObject({ code: 'LOADER_SWAP_REJECTED' });
  }
});
