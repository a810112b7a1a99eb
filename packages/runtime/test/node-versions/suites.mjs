// The built suites on the built runtime, under `node:test`, by every Node that both support.
import { createRuntime } from '@lockgate/runtime';
import { moduleExchangeSuite, moduleExclusionSuite, moduleLifecycleSuite, moduleTrapSuite } from '@lockgate/testkit';
import { testApi } from '@lockgate/testkit/node-test';

const quiet = () => {};

async function create({ bytes, fetch, onWarning, ...options }) {
  const logger = { debug: quiet, info: quiet, error: quiet, warn: (_fields, sentence) => onWarning(sentence) };
  const runtime = await createRuntime({ isolation: 'worker', fetch, logger });
  const plugin = await runtime.loadPlugin(bytes, { ...options, http: { allow: ['backend.test'] } });
  return plugin;
}

for (const suite of [moduleExclusionSuite, moduleExchangeSuite, moduleLifecycleSuite, moduleTrapSuite]) {
  suite(testApi, { create });
}
