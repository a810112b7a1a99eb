// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own variables
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { parseJsonConfig } from '../../src/config/json-config.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import { SETTINGS } from '../../src/config/settings.ts';

const KEYS = [
  ...[
    'gateway',
    'plugins',
    'guards',
    'mcpServers',
    'auth',
    'apiKeys',
    'key',
    'tls',
    'limits',
    'logDir',
    'listen',
    'path',
  ],
  ...[
    'settings',
    'command',
    'args',
    'url',
    'headers',
    'env',
    'cwd',
    'guard',
    'guard-policies',
    'write-sink',
    'tools',
    'a',
    '__proto__',
  ],
];
const leaf = fc.oneof(
  fc.constantFrom('', '${A}', '${', '~', '127.0.0.1:1', 'http://x', 'x'),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'large', withCrossShrink: true },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('tree'), { maxKeys: 5 }),
  ),
}));
const flags = fc.dictionary(
  fc.constantFrom(...SETTINGS.map(({ name }) => name)),
  fc.constantFrom('', '1', 'true', 'x', '127.0.0.1:1', 'warn'),
  {
    maxKeys: 3,
  },
);

test('whatever a file and the flags hold is either used or refused with a place, never a fault', () => {
  const run = (value: unknown, given: Record<string, string>): void => {
    try {
      const text = parseJsonConfig(JSON.stringify(value), 'x');
      resolveConfig({ text, folder: '/', flags: given, environment: { A: 'a' }, workingFolder: '/' });
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
    }
  };
  fc.assert(fc.property(tree, flags, run), { numRuns: 5_000 });
});

test('a section that is no object is refused even where a flag sets one of its keys', () => {
  const text = parseJsonConfig('{"gateway": "loud"}', 'x');
  const given = { text, folder: '/', flags: { 'log-level': 'warn' }, environment: {}, workingFolder: '/' };
  expect(() => resolveConfig(given)).toThrow('gateway: expected an object, got "loud"');
});
