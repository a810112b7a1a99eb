import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { versionGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';

const program = fileURLToPath(new URL('smoke.mjs', import.meta.url));
const root = new URL('../../../../node_modules/', import.meta.url);
const versions = [versionGuest('1'), versionGuest('2'), Uint8Array.of(0)]
  .map((bytes) => Buffer.from(bytes).toString('base64'))
  .join('\n');
const swapped = { before: '1', after: '2', rejected: 'LOADER_SWAP_REJECTED' };

describe.each([
  [26, process.execPath],
  [24, fileURLToPath(new URL('node-24/bin/node', root))],
  [22, fileURLToPath(new URL('node-22/bin/node', root))],
])('on Node %i', (major, node) => {
  const isThere = existsSync(node);
  if (!isThere) console.log(`skipped: Node ${major} is not installed here (no package of it for this machine)`);

  test.skipIf(!isThere)('the built package swaps versions in both isolations and ends by itself', () => {
    const { stdout, stderr, status } = spawnSync(node, [program], {
      input: versions,
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const outcome = JSON.parse(stdout) as object;
    expect(outcome).toMatchObject({ worker: swapped, inline: swapped });
    expect(outcome).toHaveProperty('node', expect.stringMatching(new RegExp(`^${major}\\.`)));
  });
});
