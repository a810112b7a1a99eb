import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fetchEchoGuest, guardGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';

const program = fileURLToPath(new URL('smoke.mjs', import.meta.url));
const root = new URL('../../../../node_modules/', import.meta.url);
const guests = [fetchEchoGuest(), guardGuest()].map((bytes) => Buffer.from(bytes).toString('base64')).join('\n');

describe.each([
  [26, process.execPath, 'hello'],
  [24, fileURLToPath(new URL('node-24/bin/node', root)), 'hello'],
  [22, fileURLToPath(new URL('node-22/bin/node', root)), 'RUNTIME_JSPI_MISSING'],
])('on Node %i', (major, node, inline) => {
  const isThere = existsSync(node);
  if (!isThere) console.log(`skipped: Node ${major} is not installed here (no package of it for this machine)`);

  test.skipIf(!isThere)('the built package runs guests and ends by itself', () => {
    const { stdout, stderr, status } = spawnSync(node, [program], { input: guests, encoding: 'utf8', timeout: 60_000 });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const outcome = JSON.parse(stdout) as object;
    expect(outcome).toMatchObject({ worker: 'hello', inline, guard: 'read' });
    expect(outcome).toHaveProperty('node', expect.stringMatching(new RegExp(`^${major}\\.`)));
  });
});
