import { expect, test } from 'vitest';
import * as testkit from '../src/index.ts';
import * as nodeTest from '../src/node-test.ts';
import * as vitest from '../src/vitest.ts';

test('the public surface', () => {
  expect(Object.keys(testkit).sort()).toMatchSnapshot();
  expect(Object.keys(vitest)).toEqual(['testApi']);
  expect(Object.keys(nodeTest)).toEqual(['testApi']);
});
