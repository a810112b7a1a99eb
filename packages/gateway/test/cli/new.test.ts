import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  GUARD_TEMPLATE,
  PLUGIN_KINDS,
  readExamples,
  SERVER_TEMPLATES,
  type Template,
} from '../../src/cli/templates.ts';
import { folderWith, runLockgate } from './run-lockgate.ts';

const examples = fileURLToPath(new URL('../../../../examples/', import.meta.url));
const templates: readonly [string, readonly string[], Template][] = [
  ...Object.entries(PLUGIN_KINDS).flatMap(([kind, languages]) =>
    Object.entries(languages).map(([language, template]): [string, readonly string[], Template] => [
      `${kind} in ${language}`,
      ['plugin', '--kind', kind, '--language', language],
      template,
    ]),
  ),
  ...Object.entries(SERVER_TEMPLATES).map(([language, template]): [string, readonly string[], Template] => [
    `server in ${language}`,
    ['server', '--language', language],
    template,
  ]),
  ['guard', ['guard'], GUARD_TEMPLATE],
];

/** What the repository has of a folder, built or not. */
const tracked = (folder: string): string[] =>
  execFileSync('git', ['ls-files', '-co', '--exclude-standard', '.'], { cwd: join(examples, folder), encoding: 'utf8' })
    .trim()
    .split('\n')
    .sort();

const written = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

describe.each(templates)('a new %s', (_what, args, template) => {
  test('under the name of the example is the example, every file of it', async () => {
    const workingFolder = await folderWith({});
    const { code, stdout } = await runLockgate(['new', ...args, template.name], { workingFolder });
    expect(code).toBe(0);
    const folder = join(workingFolder, template.name);
    expect(written(folder)).toEqual(tracked(template.folder));
    expect(stdout.trim().split('\n').sort()).toEqual(written(folder).map((file) => join(template.name, file)));
    for (const file of written(folder)) {
      expect(readFileSync(join(folder, file), 'utf8')).toBe(
        readFileSync(join(examples, template.folder, file), 'utf8'),
      );
    }
  });

  test('under another name has no word of the example’s, and else the same text', async () => {
    const workingFolder = await folderWith({});
    await runLockgate(['new', ...args, 'wind-and-rain'], { workingFolder });
    const folder = join(workingFolder, 'wind-and-rain');
    const word = new RegExp(`\\b${template.name}(?:\\b|_)`);
    expect(written(folder).filter((file) => word.test(file))).toEqual([]);
    for (const file of written(folder)) {
      const text = readFileSync(join(folder, file), 'utf8');
      expect(text.split('\n').filter((line) => word.test(line))).toEqual([]);
      const original = join(examples, template.folder, file.replaceAll('wind-and-rain', template.name));
      expect(text.replaceAll('wind-and-rain', template.name)).toBe(readFileSync(original, 'utf8'));
    }
  });

  test('says as the next steps what its README says', async () => {
    const workingFolder = await folderWith({});
    const { stderr } = await runLockgate(['new', ...args, 'weather'], { workingFolder });
    const readme = readFileSync(join(workingFolder, 'weather/README.md'), 'utf8');
    const [, block = ''] = /^```sh\n(.*?)^```$/ms.exec(readme) ?? [];
    expect(stderr).toContain(`  cd weather\n${block.replaceAll(/^/gm, '  ').trimEnd()}\n`);
  });

  test('is packed as it stands in the repository', async () => {
    const packed = new URL('../../dist/templates.json', import.meta.url);
    expect(JSON.parse(readFileSync(packed, 'utf8'))[template.folder]).toEqual((await readExamples())[template.folder]);
  });
});

test('a dry run says the same and writes nothing', async () => {
  const workingFolder = await folderWith({});
  const dry = await runLockgate(['new', 'plugin', '--dry-run', 'weather'], { workingFolder });
  expect(dry).toMatchObject({ code: 0, stderr: expect.stringContaining('would be written') });
  expect(existsSync(join(workingFolder, 'weather'))).toBe(false);
  const real = await runLockgate(['new', 'plugin', 'weather'], { workingFolder });
  expect(real.stdout).toBe(dry.stdout);
});

test('no file is overwritten, and then none is written', async () => {
  const workingFolder = await folderWith({});
  await mkdir(join(workingFolder, 'weather/assembly'), { recursive: true });
  await writeFile(join(workingFolder, 'weather/assembly/weather.ts'), 'mine');
  for (const more of [[], ['--dry-run']]) {
    const { code, stdout, stderr } = await runLockgate(['new', 'plugin', ...more, 'weather'], { workingFolder });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe('error: nothing is overwritten, and there is already: weather/assembly/weather.ts\n');
    expect(written(join(workingFolder, 'weather'))).toEqual(['assembly/weather.ts']);
  }
});

test('beside files of other names it is written', async () => {
  const workingFolder = await folderWith({});
  await mkdir(join(workingFolder, 'weather'));
  await writeFile(join(workingFolder, 'weather/LICENSE'), 'mine');
  expect((await runLockgate(['new', 'plugin', 'weather'], { workingFolder })).code).toBe(0);
  expect(written(join(workingFolder, 'weather'))).toContain('LICENSE');
});

test('a file where the folder should be is said', async () => {
  const workingFolder = await folderWith({ weather: 'a file' });
  const { code, stderr } = await runLockgate(['new', 'plugin', 'weather'], { workingFolder });
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: .*weather.* cannot be written: E\w+/)]);
});

test.each(['Weather', 'my_plugin', '../up', 'a b', '7up', 'a'.repeat(33), 'a--b', ''])(
  'the name %j is refused with what a name may be',
  async (name) => {
    const { code, stderr } = await runLockgate(['new', 'plugin', name], { workingFolder: await folderWith({}) });
    expect(code).toBe(2);
    expect(stderr).toContain('small letters, digits and single dashes');
  },
);

test.each([
  ['plugin', 'sdk'],
  ['server', 'mcp'],
  ['guard', 'guard-sdk'],
])('a new %s cannot have the name of a file that it needs: %s', async (kind, name) => {
  const workingFolder = await folderWith({});
  const { code, stderr } = await runLockgate(['new', kind, name], { workingFolder });
  expect([code, stderr]).toEqual([2, expect.stringContaining(`taken by the template's own assembly/${name}.ts`)]);
  expect(existsSync(join(workingFolder, name))).toBe(false);
});

test('a language that it has no template for is refused with those it has', async () => {
  const { code, stderr } = await runLockgate(['new', 'plugin', '--language', 'cobol', 'weather']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('assemblyscript, rust, go, c, zig')]);
});

test.each([
  ['plugin', 'assembly/sdk.ts'],
  ['extism', 'assembly/weather.ts'],
  ['component', 'wit/plugin.wit'],
])('a plugin of the kind "%s" is in the language that needs least, unless one is named', async (kind, file) => {
  const workingFolder = await folderWith({});
  const args = ['new', 'plugin', '--kind', kind, '--dry-run', 'weather'];
  const { code, stdout } = await runLockgate(args, { workingFolder });
  expect([code, stdout.split('\n')]).toEqual([0, expect.arrayContaining([`weather/${file}`])]);
});

test('a kind that has no template in a language is refused with those it has', async () => {
  const workingFolder = await folderWith({});
  const args = ['new', 'plugin', '--kind', 'component', '--language', 'go', 'weather'];
  const { code, stderr } = await runLockgate(args, { workingFolder });
  expect([code, stderr]).toEqual([
    2,
    'error: --kind component has no template in go; leave out --language, or give rust\n',
  ]);
});

test('a program that the build needs and that is not here is told', async () => {
  const workingFolder = await folderWith({});
  const run = await runLockgate(['new', 'plugin', '--language', 'rust', 'weather'], {
    workingFolder,
    environment: { PATH: workingFolder },
  });
  expect(run).toMatchObject({ code: 0, stderr: expect.stringContaining('"cargo" was not found on PATH') });
});
