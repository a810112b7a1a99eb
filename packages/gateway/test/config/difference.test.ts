import { describe, expect, test } from 'vitest';
import { applicable, configDifference, isSame, needsRestart } from '../../src/config/difference.ts';
import { configSchema, type LockgateFile } from '../../src/config/schema.ts';

const difference = (before: LockgateFile, after: LockgateFile) =>
  configDifference(configSchema.parse(before), configSchema.parse(after));

describe('the difference of two configurations', () => {
  test('is nothing where only the writing differs', () => {
    const one = { plugins: { a: { path: 'a', settings: { x: '1', y: '2' } } } };
    const other = { gateway: {}, plugins: { a: { settings: { y: '2', x: '1' }, path: 'a', watch: false } } };
    expect(isSame(difference(one, other))).toBe(true);
  });

  test('names what was added, removed and changed, and leaves the rest alone', () => {
    const before = { mcpServers: { kept: { command: 'k' }, gone: { command: 'g' }, other: { command: 'o' } } };
    const after = {
      mcpServers: { kept: { command: 'k' }, other: { command: 'o', args: ['x'] }, fresh: { url: 'http://f' } },
    };
    const found = difference(before, after);
    expect(found.mcpServers).toEqual({ added: ['fresh'], removed: ['gone'], changed: ['other'] });
    expect(found.plugins).toEqual({ added: [], removed: [], changed: [] });
    expect(isSame(found)).toBe(false);
  });

  test('says which keys of the gateway wait for a restart', () => {
    const found = difference(
      { gateway: { tls: { cert: 'a', key: 'b' } } },
      { gateway: { listen: '127.0.0.1:1', logLevel: 'warn' } },
    );
    expect(new Set(found.gateway)).toEqual(new Set(['tls', 'listen', 'logLevel']));
    expect(new Set(needsRestart(found))).toEqual(new Set(['gateway.tls', 'gateway.listen']));
  });

  test('is applied as far as no key needs a restart', () => {
    const running = configSchema.parse({ gateway: { listen: '127.0.0.1:1' } });
    const next = configSchema.parse({
      gateway: { mode: 'routed', wasmGuardsDir: '/g', logLevel: 'warn' },
      plugins: { a: { path: 'a' } },
    });
    const applied = applicable(running, next);
    expect(applied.gateway).toEqual({ ...running.gateway, logLevel: 'warn' });
    expect(applied.plugins).toBe(next.plugins);
  });
});
