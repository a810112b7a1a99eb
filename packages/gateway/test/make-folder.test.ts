import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolder } from '../src/make-folder.ts';

const base = (): string => mkdtempSync(join(tmpdir(), 'lockgate-folder-'));

describe('making a folder', () => {
  test('makes what is missing above it, for its owner only, and is content with what is there', () => {
    const folder = join(base(), 'a', 'b');
    makeFolder(folder);
    makeFolder(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test('refuses where a file stands in the way', () => {
    const file = join(base(), 'file');
    writeFileSync(file, '');
    expect(() => makeFolder(file)).toThrow('is not a folder');
    expect(() => makeFolder(join(file, 'below'))).toThrow('is not a folder');
  });

  test.skipIf(process.platform !== 'linux')('comes back where the file system allows none at all', () => {
    expect(() => makeFolder('/proc/lockgate/logs')).toThrow('ENOENT');
  });
});
