import { expect, test } from 'vitest';

test('the public surface is this, and grows only on purpose', async () => {
  expect(Object.keys(await import('../src/index.ts')).toSorted()).toEqual([
    'AbiVersionError',
    'DigestMismatchError',
    'DrainTimeoutError',
    'LoaderClosedError',
    'NameTakenError',
    'NoRollbackError',
    'SourceUnreadableError',
    'SwapRejectedError',
    'UnhealthyError',
    'UnknownNameError',
    'VersionFailingError',
    'createLoader',
  ]);
});
