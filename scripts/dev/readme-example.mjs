import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

/** What a package's README tells a reader to install and to run, and what it says that then happens. */
export function readmeExample(file) {
  const text = readFileSync(file, 'utf8');
  const [, program, output] = /^```ts\n(\/\/ examples\/.*?)^```\n\n```text\n(.*?)^```$/ms.exec(text) ?? [];
  const install = /^npm (?:install|i) (.*)$/m.exec(text)?.[1];
  const name = /[Ss]ave as `([^`]+)`/.exec(text)?.[1];
  assert.ok(program && install && name, `${file} shows what to install, what to save and under which name`);
  return { install: install.split(' '), name, program, output: output.trimEnd() };
}
