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

const problemsOf =
  (tree: object, environment = {}) =>
  () =>
    resolveConfig({
      text: parseJsonConfig(JSON.stringify(tree), 'lockgate.json'),
      ...{ folder: '/', flags: {}, environment, workingFolder: '/' },
    });

test('a key that is misspelt where one of several forms stands is compared with the keys of the one that has keys', () => {
  const resolve = (tool: object) => problemsOf({ plugins: { p: { path: 'p', tools: { count: tool } } } });
  expect(resolve({ inputschema: {} })).toThrow('there is no such key; did you mean "inputSchema"?');
  expect(resolve({ zzzzzzzz: {} })).toThrow(
    '(known: export, input, description, inputSchema, outputSchema, annotations)',
  );
});

test.each(['inputSchema', 'outputSchema'])(
  '%s of a tool that is described is one of an object, as clients demand',
  (key) => {
    const problems = (schema: object) =>
      problemsOf({ plugins: { p: { path: 'p', tools: { count: { [key]: schema } } } } });
    expect(problems({ type: 'string' })).toThrow(`plugins.p.tools.count.${key}.type: expected "object", as MCP has it`);
    expect(problems({ type: 'object' })).not.toThrow();
  },
);

test.each(['key   lg_5Up3rSecretSecretSecretSecretSecret', 'lg_5Up3rSecretSecretSecretSecretSecret\n'])(
  'white space in an API key is refused without the key: %j',
  (KEY) => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the configuration
    const refused = problemsOf({ gateway: { auth: { apiKeys: [{ name: 'ci', key: '${KEY}' }] } } }, { KEY });
    expect(refused).toThrow(/gateway\.auth\.apiKeys\[0\]\.key: a key has no white space: give the word alone/);
    expect(refused).not.toThrow('5Up3r');
  },
);
