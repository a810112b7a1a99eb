import { expect, test } from 'vitest';
import { parseJsonConfig } from '../../src/config/json-config.ts';
import { resolveConfig } from '../../src/config/resolve.ts';

test('where an object with a few keys should stand, they are named', () => {
  const tree = { plugins: { p: { path: 'p', instances: 4 } } };
  const text = parseJsonConfig(JSON.stringify(tree), 'lockgate.json');
  const resolve = () => resolveConfig({ text, folder: '/', flags: {}, environment: {}, workingFolder: '/' });
  expect(resolve).toThrow('plugins.p.instances: expected an object, got 4; its keys: min, max');
});

test('an empty name is said to be none', () => {
  const tree = { plugins: { p: { path: 'p', exports: { '': {} } } } };
  const text = parseJsonConfig(JSON.stringify(tree), 'lockgate.json');
  const resolve = () => resolveConfig({ text, folder: '/', flags: {}, environment: {}, workingFolder: '/' });
  expect(resolve).toThrow('an empty text is no name');
});
