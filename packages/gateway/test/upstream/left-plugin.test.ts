import { DrainTimeoutError } from '@lockgate/loader';
import { expect, test } from 'vitest';
import { endedByChange } from '../../src/upstream/left-plugin.ts';

test('a call that a changed entry cut is told which key to raise', () => {
  const cut = new DrainTimeoutError({ module: 'm', generation: 1, drainMs: 0 });
  const told = endedByChange('m', 'tools/call', cut);
  expect(told).toMatchObject({ code: 'GATEWAY_UPSTREAM_LOST' });
  expect(told?.message).toContain('gateway.shutdownTimeoutMs');
  expect(told?.message).not.toContain('within 0 ms');
});

test('a call that waited for its turn is told to be made again', () => {
  const told = endedByChange('m', 'tools/call', 'wasm: module closed');
  expect(told).toMatchObject({ code: 'GATEWAY_UPSTREAM_UNAVAILABLE', message: expect.stringContaining('call again') });
});

test('what is something else is left as it is', () => {
  expect(endedByChange('m', 'tools/call', new Error('other'))).toBeUndefined();
  expect(endedByChange('m', 'tools/call', 'text')).toBeUndefined();
});
