import { expect, test } from 'vitest';
import { readTextFile } from '../../src/config/read-text-file.ts';

test.skipIf(process.platform === 'win32')('a device that never ends is given up at 16 MiB', async () => {
  await expect(readTextFile('/dev/zero')).rejects.toThrow('larger than 16 MiB');
});
