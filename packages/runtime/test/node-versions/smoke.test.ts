import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { echoGuest, fetchEchoGuest, guardGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';

const program = fileURLToPath(new URL('smoke.mjs', import.meta.url));
const suites = fileURLToPath(new URL('suites.mjs', import.meta.url));
const root = new URL('../../../../node_modules/', import.meta.url);
const guests = [fetchEchoGuest(), echoGuest(), guardGuest()]
  .map((bytes) => Buffer.from(bytes).toString('base64'))
  .join('\n');

const works = { fetches: 'hello', echoes: 'hello', labels: 'read' };
const withoutJspi = {
  ...works,
  fetches: 'RUNTIME_JSPI_MISSING',
  labels: expect.stringContaining('"call_backend"'), // which the testkit's guards import
  sentence: expect.stringMatching(/"host_http_request".*isolation "worker".*Node 24\.21/),
};

describe.each([
  [26, process.execPath, works],
  [24, fileURLToPath(new URL('node-24/bin/node', root)), works],
  [22, fileURLToPath(new URL('node-22/bin/node', root)), withoutJspi],
])('on Node %i', (major, node, inline) => {
  const isThere = existsSync(node);
  if (!isThere) console.log(`skipped: Node ${major} is not installed here (no package of it for this machine)`);

  test.skipIf(!isThere)('the built package runs guests in both isolations and ends by itself', () => {
    const { stdout, stderr, status } = spawnSync(node, [program], { input: guests, encoding: 'utf8', timeout: 60_000 });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const outcome = JSON.parse(stdout) as object;
    expect(outcome).toMatchObject({ worker: works, inline, unreadable: 0 });
    expect(outcome).toHaveProperty('node', expect.stringMatching(new RegExp(`^${major}\\.`)));
  });

  test.skipIf(!isThere)('the built suites pass under node:test', () => {
    const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
    const { stdout, status } = spawnSync(node, ['--test', '--test-reporter=tap', suites], {
      env,
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(stdout).toMatch(/# pass \d\d/);
    expect({ failed: stdout.split('\n').filter((line) => /^\s*not ok/.test(line)), status }).toEqual({
      failed: [],
      status: 0,
    });
  });
});
