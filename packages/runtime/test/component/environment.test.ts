import { expect, test } from 'vitest';
import { ComponentWasi } from '../../src/component/component-wasi.ts';
import { HostMemory } from '../../src/component/host-memory.ts';
import { LogConsole } from '../../src/component/log-console.ts';
import { GuestLog } from '../../src/host/guest-log.ts';

test('the environment of a component is its settings and the variables that it was granted, which come first where both have a name', () => {
  const wasi = new ComponentWasi({
    ...{ console: new LogConsole(new GuestLog(() => {}, 1)), say: () => {}, sleep: () => {}, http: () => '' },
    ...{ memory: new HostMemory(0), mostBytes: 1_024 },
    grants: { storage: [], env: { ZONE: 'UTC', LANG: 'en' } },
  });
  const host = wasi.host({ ZONE: 'mine', key: 'value' });
  const ask = (from: string, name: string): unknown => host.functionOf(from, name)?.call();
  expect(Object.fromEntries(ask('wasi:cli/environment@0.2.0', 'get-environment') as [string, string][])).toEqual({
    ...{ ZONE: 'UTC', LANG: 'en', key: 'value' },
  });
  expect(ask('wasi:config/store@0.2.0', 'get-all')).toMatchObject({
    val: expect.not.arrayContaining([['LANG', 'en']]),
  });
});
