import { moduleSuites } from '../../src/index.ts';
import { testApi } from '../../src/vitest.ts';
import { ReferencePlugin } from '../reference/reference-plugin.ts';

testApi.describe('the reference subject passes', () => {
  moduleSuites(testApi, { create: async (given) => new ReferencePlugin(given) });
});
