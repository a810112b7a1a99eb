import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../gateway-serve-a-plugin.ts', import.meta.url));
const lines = readFileSync(program, 'utf8').trimEnd().split('\n');

test('gateway-serve-a-plugin serves, and serves more after a change, in at most 15 lines', () => {
  expect(execFileSync(process.execPath, [program], { encoding: 'utf8' })).toMatch(
    /^\/mcp serves tools: \d+ of hello, \d+ of sailor\n$/,
  );
  expect(lines.length).toBeLessThanOrEqual(15);
});
