import { expect, test } from 'vitest';
import { runProgram } from './run-program.ts';

test('all suites that apply run on a TypeScript module, and one table tells how each test ended', () => {
  const { stdout, stderr, status } = runProgram(['reference.ts']);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toContainEqual(expect.stringMatching(/^✔ exclusion > keeps every other call out/));
  expect(lines).toContain('✔ cache > gives a module that works');
  expect(lines).toContainEqual(
    expect.stringMatching(/^﹣ pool > a slow call does not hold up the next +the subject does not support pool$/),
  );
  expect(lines.at(-1)).toMatch(/^\d+ passed, 0 failed, \d+ not applicable$/);
  expect({ stderr, status }).toEqual({ stderr: 'what a subject prints\n', status: 0 });
});

test('a failing test shows what is wrong and what to do, and the program ends with 1', () => {
  const { stdout, status } = runProgram(['reference.ts', '--suite', 'module-abort'], {
    FAULT: 'listener left by a call',
  });
  expect(stdout).toMatch(
    /^✖ abort > no listener stays .*\n {4}listeners left on the signal of .* Remove what you add, in the wait and in the call/m,
  );
  expect(stdout).toMatch(/^\d+ passed, 1 failed, 0 not applicable\n$/m);
  expect(status).toBe(1);
});

test('colours come only where they are wanted', () => {
  const color = '\u001B[';
  const args = ['reference.ts', '--suite', 'cache'];
  expect(runProgram(args).stdout).not.toContain(color);
  expect(runProgram(args, { FORCE_COLOR: '1' }).stdout).toContain(color);
  expect(runProgram(args, { NO_COLOR: '1' }).stdout).not.toContain(color);
});

test('as JSON there is one document, with the suite and the stack of what failed', () => {
  const { stdout } = runProgram(['reference.ts', '--suite', 'module-abort,cache', '--json'], {
    FAULT: 'listener left by a call',
  });
  const report = JSON.parse(stdout) as { readonly tests: readonly { readonly outcome: string }[] };
  expect(report).toMatchObject({ file: 'reference.ts', node: process.versions.node, failed: 1, notApplicable: 0 });
  expect(report.tests).toContainEqual({
    suite: 'cache',
    title: 'cache > gives a module that works',
    outcome: 'passed',
  });
  expect(report.tests.filter(({ outcome }) => outcome === 'failed')).toMatchObject([
    {
      suite: 'module-abort',
      sentence: expect.any(String),
      stack: expect.stringMatching(/^AssertionError.*\n[\s\S]*\n +at /),
    },
  ]);
});

test('the list names suites, or the tests of a module, and runs none', () => {
  expect(runProgram(['--list']).stdout).toMatch(
    /^module-exclusion +module +one call at a time[\s\S]*^labels +labels /m,
  );
  const { stdout, status } = runProgram(['reference.ts', '--list', '--suite', 'module-pool,cache'], {
    FAULT: 'listener left by a call',
  });
  expect(stdout).toMatch(/^module-pool +pool > a slow .* +not applicable: the subject does not support pool$/m);
  expect(stdout).toMatch(/^cache +cache > gives a module that works$/m);
  expect({ hasRun: /passed|✔/.test(stdout), status }).toEqual({ hasRun: false, status: 0 });
});

test.each([
  ['computes for ever', /^ {4}did not end within 4 s, and was given up: .* --timeout$/m],
  ['ends the process', /^ {4}the process ended \(exit code 7\) while this test ran/m],
  ['fails unheard', /^ {4}nobody caught, while this test ran .*: Error: nobody listens\n {8}at .*misbehaving\.ts/m],
])('a subject that %s fails the test it does that in, and the others run all the same', (misdeed, sentence) => {
  const args = ['misbehaving.ts', '--suite', 'module-traps'];
  const listed = runProgram([...args, '--list'])
    .stdout.trimEnd()
    .split('\n');
  const { stdout, status } = runProgram([...args, '--timeout', '4'], { MISDEED: misdeed });
  expect(stdout).toMatch(sentence);
  expect(/^✖ traps > .*stack/m.test(stdout), stdout).toBe(true);
  expect(stdout.match(/^[✔✖﹣] /gm)).toHaveLength(listed.length);
  expect(status).toBe(1);
});
