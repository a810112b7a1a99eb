import { homedir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { parseJsonConfig } from '../../src/config/json-config.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import type { GatewayConfig } from '../../src/config/schema.ts';

function resolve(entry: object, environment: Record<string, string> = {}): GatewayConfig {
  const text = parseJsonConfig(JSON.stringify({ mcpServers: { s: entry } }), 'lockgate.json');
  return resolveConfig({ text, folder: '/etc/lockgate', flags: {}, environment, workingFolder: '/' }).config;
}

test('paths of a whole server are relative to the file, its grants as well, and are the same read twice', () => {
  const config = resolve({
    wasm: './s.wasm',
    storage: ['fs:///srv/notes:rw', 'fs://data:ro', 'fs://~/x:ro', 'fs://a:b:ro'],
  });
  expect(config.mcpServers.s).toMatchObject({
    type: 'wasm',
    wasm: '/etc/lockgate/s.wasm',
    storage: [
      'fs:///srv/notes:rw',
      'fs:///etc/lockgate/data:ro',
      `fs://${homedir()}/x:ro`,
      'fs:///etc/lockgate/a:b:ro',
    ],
    ...{ args: [], env: {}, hosts: [], limits: {}, watch: false },
  });
  expect(parseConfig(config).mcpServers.s).toEqual(config.mcpServers.s);
});

test('a path that came from a variable is no secret, a variable of the guest is', () => {
  const text = parseJsonConfig(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own variables
    '{ "mcpServers": { "s": { "wasm": "${FILE}", "storage": ["fs://${DATA}:ro"], "env": { "A": "${TOKEN}" } } } }',
    'lockgate.json',
  );
  const environment = { FILE: '/opt/server.wasm', DATA: '/srv/datasets', TOKEN: 'hunter2hunter2' };
  const { secrets } = resolveConfig({ text, folder: '/', flags: {}, environment, workingFolder: '/' });
  expect(secrets).toEqual(['hunter2hunter2']);
});

describe('is refused with what to write instead', () => {
  test.each([
    [{ wasm: 'a', command: 'b' }, 'has both "command" and "wasm"; keep the one that is meant'],
    [{ wasm: 'a', url: 'https://b.example' }, 'has both "wasm" and "url"; keep the one that is meant'],
    [{ wasm: 'a', type: 'stdio' }, 'type "stdio" needs "command", not "wasm"'],
    [{ wasm: 'a', type: 'http' }, 'type "http" needs "url", not "wasm"'],
    [{ command: 'a', type: 'wasm' }, 'type "wasm" needs "wasm", not "command"'],
    [{ url: 'https://b.example', type: 'wasm' }, 'type "wasm" needs "wasm", not "url"'],
    [{ type: 'wasm' }, 'needs "command" (a program to start), "wasm" (a WASI command or component to run) or "url"'],
    [{ wasm: 'a', cwd: '/' }, '"cwd" does not go with "wasm"'],
    [{ wasm: 'a', headers: {} }, '"headers" does not go with "wasm"'],
    [{ command: 'a', storage: [] }, '"storage" goes with "wasm", not with "command"'],
    [{ url: 'https://b.example', limits: {} }, '"limits" goes with "wasm", not with "url"'],
    [{ command: 'a', watch: true }, '"watch" goes with "wasm", not with "command"'],
    [{ wasm: 'a', storage: ['/srv'] }, 'storage[0]: expected "fs://", a directory and its use'],
    [{ wasm: 'a', storage: ['fs:///srv'] }, 'ends with neither ":ro" (to be read) nor ":rw"'],
    [{ wasm: 'a', storage: ['fs:///srv:rx'] }, 'ends with neither ":ro" (to be read) nor ":rw"'],
    [{ wasm: 'a', storage: ['/srv:ro'] }, 'such as "fs:///srv/notes:ro", or "kv:memory"; write "fs:///srv:ro"'],
    [{ wasm: 'a', storage: ['/srv'] }, '; write "fs:///srv:ro" or "fs:///srv:rw"'],
    [{ wasm: 'a', storage: ['./notes:rw'] }, '; write "fs://./notes:rw"'],
    [{ wasm: 'a', storage: ['file:///srv/notes'] }, '; write "fs:///srv/notes:ro" or "fs:///srv/notes:rw"'],
    [{ wasm: 'a', storage: ['fs:/srv:rw'] }, '; write "fs:///srv:rw"'],
    [{ wasm: 'a', storage: ['fs:///srv'] }, '; write "fs:///srv:ro" or "fs:///srv:rw"'],
    [{ wasm: 'a', storage: ['fs:///srv:readonly'] }, '; write "fs:///srv:ro"'],
    [{ wasm: 'a', storage: ['fs:///srv:RW'] }, '; write "fs:///srv:rw"'],
    [
      { command: 'a.wasm', storage: ['fs:///srv:ro'] },
      'not with "command"; name the file as "wasm" in place of "command"',
    ],
    [{ wasm: 'a', storage: ['fs://:ro'] }, 'names no directory'],
    [{ wasm: 'a', storage: ['fs://'] }, 'names no directory'],
    [{ wasm: 'a', storage: ['fs:///srv/**:ro'] }, 'a directory is granted with all below it; leave the pattern out'],
    [{ wasm: 'a', storage: 'fs:///srv:ro' }, 'expected a list'],
    [{ command: 'a', hosts: ['example.com'] }, '"hosts" goes with "wasm", not with "command"'],
    [{ wasm: 'a', allowed_hosts: ['example.com'] }, 'allowed_hosts: there is no such key; here it is "hosts"'],
    [{ wasm: 'a', dirs: ['/srv'] }, 'dirs: there is no such key; here it is "storage"'],
    [{ wasm: 'a', limits: { memoryCeilingBytes: 1 } }, 'at least 65536'],
    [{ wasm: 'a', callTimeoutMs: 5, limits: { callTimeoutMs: 6 } }, 'are the same; keep one of them'],
  ])('%j', (entry, message) => {
    expect(() => resolve(entry)).toThrow(message);
  });
});
