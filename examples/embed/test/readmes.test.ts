import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

test.each(['abi', 'cache', 'runtime', 'loader', 'gateway', 'testkit'])(
  'the README of %s shows a program of this folder, whole',
  (name) => {
    const [, file = '', shown] =
      /^```ts\n\/\/ (examples\/embed\/\S+)\n(.*?)^```$/ms.exec(read(`packages/${name}/README.md`)) ?? [];
    expect(file).toMatch(/\.ts$/);
    expect(shown).toBe(read(file).replace(/^\/\/ .*\n/, ''));
  },
);

test('the page for runtime authors shows the class of testkit-own-class', () => {
  const shown = read('examples/embed/testkit-own-class.ts').split('\n\n').at(2)?.trimEnd();
  expect(read('docs/testing-your-runtime.md')).toContain(shown);
});
