import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

test('the guide shows hello.ts as it is built', () => {
  expect(read('docs/writing-a-plugin.md')).toContain(`\`\`\`ts\n${read('examples/plugins/assembly/hello.ts')}\`\`\`\n`);
});

test('the guide compiles with the flags that the build uses', () => {
  const flags = /-O3.*(?=\n)/s.exec(
    read('docs/writing-a-plugin.md').split('```sh')[1]?.replaceAll('\\\n', '') ?? '',
  )?.[0];
  for (const flag of flags?.split('\n')[0]?.match(/-\S+( [^-\s]\S*)?/g) ?? []) {
    const quoted = flag.split(' ').map((part) => `'${part}'`);
    expect(read('examples/plugins/build.ts')).toContain(quoted.join(', '));
  }
  expect(flags).toContain('--runtime minimal');
});
