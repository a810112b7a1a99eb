import { builtInDialects, inspectModule, type PluginDialect } from '@lockgate/abi';
import { echoGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { offeredCodec } from '../../src/plugin/offered-codec.ts';

const dialect = builtInDialects.find(({ role }) => role === 'plugin') as PluginDialect;

test('an operation is offered unless its export is optional and left out', () => {
  const { exports } = inspectModule(echoGuest());
  const without = exports.filter(({ name }) => name !== 'compact_specs');
  expect(Object.keys(offeredCodec(dialect, { exports: without }))).toEqual(
    Object.keys(dialect.codec).filter((key) => key !== 'compactSpecs'),
  );
  const withAll = [...without, { name: 'compact_specs', kind: 'function' as const }];
  expect(offeredCodec(dialect, { exports: withAll })).toEqual(dialect.codec);
  expect(offeredCodec(dialect, { exports: [] })).toHaveProperty('execute');
});
