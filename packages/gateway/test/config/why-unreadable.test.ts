import { expect, test } from 'vitest';
import { whyUnreadable } from '../../src/config/why-unreadable.ts';

test.each([
  ['ENOSPC', 'cannot read the file: the disk is full'],
  ['EDQUOT', 'cannot read the file: the disk is full'],
  ['EROFS', 'cannot read the file: the file system is read-only'],
  ['ELOOP', 'cannot read the file: it is a link that leads to itself'],
  ['EIO', 'cannot read the file: EIO'],
])('%s is told in words where there are some', (code, told) => {
  expect(whyUnreadable(Object.assign(new Error('failed'), { code }))).toContain(told);
});
