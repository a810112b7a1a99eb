import { createRuntime } from '@lockgate/runtime';
import { echoGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { hostGrants } from '../../src/config/host-grant.ts';
import { parseJsonConfig } from '../../src/config/json-config.ts';
import { resolveConfig } from '../../src/config/resolve.ts';

const FORMS = [
  ...[
    'api.example.com',
    'API.example.com:8443',
    '*.example.com',
    '*.example.com:81',
    '*',
    'localhost',
    'localhost:9',
    'bücher.example',
  ],
  ...['10.1.2.3', '10.1.2.3:80', '127.1', 'fd00::1', '[fd00::1]', '[fd00::1]:80', '10.0.0.0/8', 'fd00::/8', ' a.test '],
];

test('whatever the configuration takes as a host, the runtime takes as well', async () => {
  expect(hostGrants.safeParse(FORMS).error).toBeUndefined();
  await using runtime = await createRuntime();
  await runtime.loadPlugin(echoGuest(), { isolation: 'inline', http: { allow: FORMS } });
});

test.each([
  ['http://127.0.0.1', 'write "127.0.0.1"'],
  ['https://api.example.com:8443/v1?x=1', 'write "api.example.com:8443"'],
  ['https://user:secret@api.example.com/', 'write "api.example.com"'],
  ['api.example.com/v1', 'is more than a host, which is granted with all its paths; write "api.example.com"'],
  ['http://', 'expected a name, "*.domain"'],
  ['api.*.com', 'expected a name, "*.domain"'],
  ['*:80', 'expected a name'],
  ['*.10.1.2.3', 'expected a name'],
  ['10.0.0.0/33', 'is no range'],
  ['a b', 'expected a name'],
  ['', 'expected a name'],
])('%j is refused with the file, wherever it stands, with what to write', (host, told) => {
  const resolve = (tree: object) => () =>
    resolveConfig({
      text: parseJsonConfig(JSON.stringify(tree), 'lockgate.json'),
      ...{ folder: '/', flags: {}, environment: {}, workingFolder: '/' },
    });
  for (const tree of [
    { plugins: { p: { path: 'p.wasm', hosts: [host] } } },
    { plugins: { p: { path: 'p.wasm', http: { allow: [host] } } } },
    { mcpServers: { s: { wasm: 's.wasm', hosts: [host] } } },
  ]) {
    expect(resolve(tree)).toThrow(told);
    expect(resolve(tree)).not.toThrow('secret');
  }
});
