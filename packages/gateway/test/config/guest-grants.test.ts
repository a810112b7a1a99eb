import { expect, test } from 'vitest';
import { grantsOf, toldGrants } from '../../src/config/guest-grants.ts';
import { parseJsonConfig } from '../../src/config/json-config.ts';
import type { PluginEntry } from '../../src/config/modules-section.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import type { WasmServerEntry } from '../../src/config/servers-section.ts';

test('what guests were granted is told, in the same words for each kind, of variables the names alone, and of programs nothing', () => {
  const { plugins, mcpServers } = parseConfig({
    plugins: {
      web: { path: 'web.wasm', http: { allow: ['example.com'] } },
      same: { path: 'web.wasm', hosts: ['example.com'], env: { TOKEN: 'hunter2' }, limits: { callTimeoutMs: 5 } },
      plain: { path: 'plain.wasm' },
      files: { path: 'f.wasm', storage: ['fs:///data:rw'] },
    },
    mcpServers: {
      notes: { wasm: 'notes.wasm', storage: ['fs:///srv:ro'], hosts: ['api.example'], env: { TOKEN: 'hunter2' } },
      bare: { wasm: 'bare.wasm' },
      large: { wasm: 'large.wasm', limits: { memoryCeilingBytes: 65536, callTimeoutMs: 5 } },
      program: { command: 'node', env: { TOKEN: 'hunter2' } },
    },
  } as never);
  const told = Object.entries({ ...plugins, ...mcpServers }).map(([name, entry]) => [name, toldGrants(entry)]);
  expect(Object.fromEntries(told)).toEqual({
    web: { hosts: ['example.com'] },
    same: { hosts: ['example.com'], env: ['TOKEN'], callTimeoutMs: 5 },
    large: { memoryCeilingBytes: 65536, callTimeoutMs: 5 },
    files: { storage: ['fs:///data:rw'] },
    notes: { hosts: ['api.example'], storage: ['fs:///srv:ro'], env: ['TOKEN'] },
  });
});

test('what an entry grants is what its guest is started with, whatever kind it is', () => {
  const grants = { storage: ['fs:///srv:rw'], env: { A: '1' } };
  const { plugins, mcpServers } = parseConfig({
    plugins: { p: { path: 'p.wasm', ...grants, hosts: ['a.test'] } },
    mcpServers: { s: { wasm: 's.wasm', ...grants } },
  } as never);
  const given = { storage: [{ path: '/srv', writable: true }], keyValue: undefined, env: { A: '1' } };
  expect(grantsOf(plugins.p as PluginEntry)).toEqual({ ...given, hosts: ['a.test'] });
  expect(grantsOf(mcpServers.s as WasmServerEntry)).toEqual({ ...given, hosts: [] });
  // A directory stays where it was found with the first of them.
  expect(grantsOf(plugins.p as PluginEntry)).toBe(grantsOf(plugins.p as PluginEntry));
});

test('hosts are written under one key, and a variable of a plugin is a secret', () => {
  const resolve = (entry: object) =>
    resolveConfig({
      text: parseJsonConfig(JSON.stringify({ plugins: { p: { path: 'p.wasm', ...entry } } }), 'lockgate.json'),
      ...{ folder: '/', flags: {}, environment: {}, workingFolder: '/' },
    });
  expect(() => resolve({ hosts: ['a.test'], http: { allow: ['b.test'] } })).toThrow('is the same as "hosts"');
  expect(() => resolve({ env: { 'A=1': 'x' } })).toThrow('has its value in its name');
  expect(resolve({ env: { TOKEN: 'hunter2hunter2' } }).secrets).toContain('hunter2hunter2');
});

test.each([
  [['fs:///data:ro', 'fs:///data/:rw'], 'grants "/data/" twice'],
  [['fs:///data/sub:ro', 'fs:///data:rw'], 'cannot keep "/data/sub" from being written: "/data" above it may be'],
  [['fs:///data:rw', 'fs:///data/./sub:ro'], 'cannot keep "/data/./sub" from being written'],
])('of two grants none takes back what the other gives: %j', (storage, problem) => {
  expect(() => parseConfig({ plugins: { p: { path: 'p.wasm', storage } } } as never)).toThrow(problem);
});

test('a directory below one that is read may be written, and one beside it with a longer name is another', () => {
  const storage = ['fs:///data:ro', 'fs:///data/out:rw', 'fs:///data/output:ro'];
  const { plugins } = parseConfig({ plugins: { p: { path: 'p.wasm', storage } } } as never);
  expect(plugins.p?.storage).toEqual(storage);
});

test('keys and values in memory are for whole servers alone', () => {
  const storage = ['kv:memory', 'fs:///data:ro'];
  const { mcpServers } = parseConfig({ mcpServers: { s: { wasm: 's.wasm', storage } } } as never);
  expect(grantsOf(mcpServers.s as WasmServerEntry)).toMatchObject({
    storage: [{ path: '/data', writable: false }],
    keyValue: 'memory',
  });
  const refused = (grants: readonly string[], entry: 'plugins' | 'mcpServers') => () =>
    parseConfig({ [entry]: { s: { [entry === 'plugins' ? 'path' : 'wasm']: 's.wasm', storage: grants } } } as never);
  expect(refused(storage, 'plugins')).toThrow('is for whole servers alone: of a tool, nothing outlives a call');
  expect(refused(['kv:disk'], 'mcpServers')).toThrow('such as "fs:///srv/notes:ro", or "kv:memory"');
});
