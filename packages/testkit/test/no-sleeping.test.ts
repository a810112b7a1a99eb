import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Waiting by the clock, however it is dressed. */
const SLEEPS = [
  /new Promise(?:<[^>]*>)?\([^;]{0,80}?\bsetTimeout\(/,
  /await (?:setTimeout|sleep|delay|wait)\(/,
  /import \{[^}]*\bsetTimeout\b[^}]*\} from 'node:timers\/promises'/,
  /Atomics\.wait\(/,
];

/**
 * Programs that tests start, and whose being slow is what they are for; and the peer of servers that nobody here wrote, for which
 * silence is all that tells that no more notifications come; and the scripts that a sandbox is attacked with.
 */
const PROGRAMS = /\/fixtures\/|\/zoo\/raw-peer\.ts$|\/script\/attacks\.ts$/;

const sources = globSync(['packages/*/test/**/*.ts', 'packages/testkit/src/**/*.ts', 'examples/*/test/**/*.{ts,js}'], {
  cwd: ROOT,
}).filter((file) => !file.includes('node_modules') && !PROGRAMS.test(file));

function sleepsIn(text: string): readonly string[] {
  return SLEEPS.flatMap((sleep) => sleep.exec(text)?.[0] ?? []);
}

test('no test waits by the clock, and no suite does', () => {
  expect(sources.length).toBeGreaterThan(50);
  const sleepers = sources
    .filter((file) => !file.endsWith('no-sleeping.test.ts'))
    .flatMap((file) => {
      const found = sleepsIn(readFileSync(`${ROOT}/${file}`, 'utf8'));
      return found.length > 0 ? [`${file}: ${found.join(', ')}`] : [];
    });
  expect(sleepers, 'wait on a gate, an event or a fake clock').toEqual([]);
});

test.each([
  'await new Promise((resolve) => setTimeout(resolve, 50));',
  'await new Promise<void>((done) => {\n  setTimeout(done, 1);\n});',
  "import { setTimeout } from 'node:timers/promises';",
  'await sleep(10);',
  'Atomics.wait(cell, 0, 0, 100);',
])('would notice %j', (text) => {
  expect(sleepsIn(text)).not.toEqual([]);
});
