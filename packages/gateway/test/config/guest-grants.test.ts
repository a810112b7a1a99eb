import { expect, test } from 'vitest';
import { grantsOf } from '../../src/config/guest-grants.ts';
import { parseConfig } from '../../src/config/parse-config.ts';

test('what guests were granted is told, of variables the names alone, and of programs nothing', () => {
  const { plugins, mcpServers } = parseConfig({
    plugins: {
      web: { path: 'web.wasm', http: { allow: ['example.com'] } },
      plain: { path: 'plain.wasm' },
      files: { path: 'f.wasm', storage: ['fs:///data:rw'] },
    },
    mcpServers: {
      notes: { wasm: 'notes.wasm', storage: ['fs:///srv:ro'], env: { TOKEN: 'hunter2' } },
      bare: { wasm: 'bare.wasm' },
      program: { command: 'node', env: { TOKEN: 'hunter2' } },
    },
  } as never);
  const told = Object.entries({ ...plugins, ...mcpServers }).map(([name, entry]) => [name, grantsOf(entry)]);
  expect(Object.fromEntries(told)).toEqual({
    web: { hosts: ['example.com'] },
    files: { storage: ['fs:///data:rw'] },
    notes: { storage: ['fs:///srv:ro'], env: ['TOKEN'] },
  });
});
