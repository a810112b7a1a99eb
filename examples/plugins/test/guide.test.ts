import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const guide = read('docs/writing-a-plugin.md');
const shown = (fence: string, text: string): string => `\`\`\`${fence}\n${text}\`\`\`\n`;

test.each([
  ['ts', 'assemblyscript/assembly/hello.ts'],
  ['rust', 'rust/src/lib.rs'],
  ['go', 'go/plugin.go'],
  ['c', 'c/plugin.c'],
  ['zig', 'zig/plugin.zig'],
])('the guide shows the plugin in %s as it is built', (fence, file) => {
  expect(guide).toContain(shown(fence, read(`examples/plugins/${file}`)));
});

test.each(['rust', 'go', 'c', 'zig'])('the guide builds in %s as the README of the folder does', (language) => {
  const [, block = ''] = /^```sh\n(.*?)^```$/ms.exec(read(`examples/plugins/${language}/README.md`)) ?? [];
  const [build, inspect] = block.split('\n');
  expect(guide).toContain(shown('sh', `${build}\n${inspect}\n`));
});

test('the guide begins as the README of the folder does', () => {
  const [, block = ''] = /^```sh\n(.*?)^```$/ms.exec(read('examples/plugins/assemblyscript/README.md')) ?? [];
  expect(guide).toContain(shown('sh', `lockgate new plugin hello\ncd hello\n${block}`));
});

test('the folder, the guide and the examples’ own build compile with the same flags and the same compiler', () => {
  const { scripts, devDependencies } = JSON.parse(read('examples/plugins/assemblyscript/package.json'));
  expect(guide).toContain(shown('sh', `${scripts.build}\n`));
  const [, , , , ...flags] = scripts.build.replace('abort=', 'abort=assemblyscript/').split(' ');
  for (const flag of flags) expect(read('examples/plugins/build.ts')).toContain(flag);
  expect(read('pnpm-workspace.yaml')).toContain(`  assemblyscript: ${devDependencies.assemblyscript}\n`);
});
