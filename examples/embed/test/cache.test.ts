import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = (name: string): string => fileURLToPath(new URL(`../${name}.ts`, import.meta.url));

function run(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockgate-embed-'));
  try {
    const given = [join(folder, 'first'), join(folder, 'second')];
    return execFileSync(process.execPath, [program(name), ...given.slice(0, name.includes('replace') ? 2 : 1)], {
      encoding: 'utf8',
    }).trim();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('cache-keep-machine-code compiles with a cache, on disk where there is an addon', () => {
  expect(run('cache-keep-machine-code')).toMatch(/^(in memory only: .*\nmemory|disk): \d+ exports, 0 hits, 1 misses$/);
});

test('cache-replace-in-service replaces a cache and nobody notices', () => {
  expect(run('cache-replace-in-service')).toBe('nobody noticed');
});
