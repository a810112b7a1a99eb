import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runProgram } from './run-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'lockgate-testkit-cli-'));

afterAll(() => rmSync(folder, { recursive: true }));

const create = 'create: async () => ({})';

test.each<[what: string, file: string, text: string, said: RegExp, args?: readonly string[]]>([
  ['without a default export', 'a.mjs', `export const create = 1;`, /exports only create: it needs a default export/],
  [
    'that exports nothing',
    'b.mjs',
    '',
    /exports nothing: it needs a default export with its subjects, such as export default/,
  ],
  ['that exports a class', 'c.mjs', 'export default class {}', /has to be an object such as .*, got a function/],
  [
    'with a misspelt subject',
    'd.mjs',
    `export default { modul: { ${create} } };`,
    /has "modul"; subjects are module, hotReload/,
  ],
  ['with no subject', 'e.mjs', 'export default {};', /is empty; subjects are module, /],
  [
    'with an unmade subject',
    'f.mjs',
    'export default { cache: class {} };',
    /"cache" in .* with a function "create", got a function/,
  ],
  [
    'without create',
    'g.mjs',
    'export default { cache: { supports: {} } };',
    /"cache.create" in .* a function, got undefined/,
  ],
  [
    'that supports by numbers',
    'h.mjs',
    `export default { cache: { ${create}, supports: { names: 7 } } };`,
    /"cache.supports.names" .* got a number/,
  ],
  [
    'that throws',
    'i.mjs',
    "throw new RangeError('not today');",
    /throws when it is imported: RangeError: not today\n +at .*i\.mjs:1/,
  ],
  ['that throws a text', 'j.mjs', "throw 'plainly';", /throws when it is imported: plainly\n$/],
  [
    'that fails unheard',
    'k.mjs',
    "Promise.reject(new Error('unheard')); await new Promise((go) => setImmediate(go));",
    /imported: Error: unheard/,
  ],
  [
    'that is no JavaScript',
    'l.mjs',
    'export default {',
    /l\.mjs throws when it is imported: SyntaxError: Unexpected end of input/,
  ],
  [
    'that imports what is not there',
    'm.mjs',
    "import 'no-such-package-here';",
    /imports what is not there: Cannot find package 'no-such-package-here'/,
  ],
  [
    'that ends the process',
    'n.mjs',
    'process.exit(0);',
    /the process ended \(exit code 0\) while .*n\.mjs was imported/,
  ],
  [
    'that is never imported',
    'o.mjs',
    'await new Promise(() => {});',
    /importing .*o\.mjs did not end within 0\.5 s/,
    ['--timeout', '0.5'],
  ],
  [
    'that computes for ever',
    'p.mjs',
    'for (;;);',
    /importing .*p\.mjs did not end within 0\.5 s/,
    ['--timeout', '0.5'],
  ],
  [
    'in more than types',
    'q.ts',
    'enum A { B }\nexport default A;',
    /q\.ts: .*enum.* Node strips types and does no more/s,
  ],
  ['of another kind', 'r.tsx', 'export default {};', /nothing that Node imports: it takes \.mjs, \.js, \.mts and \.ts/],
  [
    'without the subject asked for',
    's.mjs',
    `export default { cache: { ${create} } };`,
    /--suite labels is for "labels", and .* has only cache/,
    ['--suite', 'labels'],
  ],
])('a module %s is refused with 2, and the sentence says why', (_what, file, text, said, args = []) => {
  writeFileSync(join(folder, file), text);
  const { stdout, stderr, status } = runProgram([file, ...args], {}, { cwd: folder });
  expect(stderr).toMatch(said);
  expect({ isOneMessage: stderr.match(/^error: /gm)?.length === 1, stdout, status }, stderr).toEqual({
    isOneMessage: true,
    stdout: '',
    status: 2,
  });
});

test('TypeScript under a Node that was told not to strip types is refused with what to change', () => {
  writeFileSync(join(folder, 't.ts'), 'export default {} satisfies object;');
  const { stderr, status } = runProgram(['t.ts'], {}, { cwd: folder, nodeOptions: ['--no-strip-types'] });
  expect(stderr).toMatch(/t\.ts is TypeScript, and this Node was told not to strip types/);
  expect(status).toBe(2);
});

test.each<[args: readonly string[], said: RegExp]>([
  [[], /which module\? See --help/],
  [['no-such.mjs'], /there is no file .*no-such\.mjs/],
  [['a.mjs', 'b.mjs'], /one module at a time, got "a\.mjs" and "b\.mjs"/],
  [['a.mjs', '--suite', 'module-abort,pools'], /--suite knows no "pools"; it knows module-exclusion, /],
  [['a.mjs', '--timeout', 'soon'], /--timeout takes seconds, above 0 and at most 2147483, got "soon"/],
  [['a.mjs', '--colour'], /Unknown option '--colour'/],
])('the arguments %j are refused with 2', (args, said) => {
  const { stdout, stderr, status } = runProgram(args, {}, { cwd: folder });
  expect(stderr).toMatch(said);
  expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
});

test('help shows the shape of a module and every exit code', () => {
  const { stdout, status } = runProgram(['--help']);
  expect(stdout).toMatch(/export default \{[\s\S]*--suite[\s\S]*Exit codes: 0 .* 1 .* 2 /);
  expect(status).toBe(0);
});
