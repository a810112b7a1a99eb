import { expect, test } from 'vitest';
import type { Logger } from '../../src/logger.ts';
import { LeftOut } from '../../src/upstream/left-out.ts';
import { readPluginOffer } from '../../src/upstream/plugin-offer.ts';

test('what no client could ask a plugin for is not listed, and its author is told why', async () => {
  const said: object[] = [];
  const say = (fields: object): void => void said.push(fields);
  const logger: Logger = { debug: say, info: say, warn: say, error: say };
  const lists: Readonly<Record<string, object>> = {
    'prompts/list': { prompts: [{ name: 'one' }, { name: 'two' }, { name: 'one', description: 'the other' }] },
    'resources/list': {
      resources: [
        { uri: 'notes', name: 'without a scheme' },
        { uri: 'note://1', name: 'a' },
        { uri: 'note://1', name: 'b' },
        { uri: 'NOTE:2', name: 'c' },
      ],
    },
  };
  const offer = await readPluginOffer({
    definitions: [],
    features: { methods: Object.keys(lists), usesFunctions: false },
    ask: async (method) => ({ ...lists[method] }),
    leftOut: new LeftOut('shop', logger),
  });
  expect(offer.prompts.map((prompt) => prompt.toValue())).toEqual([{ name: 'one' }, { name: 'two' }]);
  expect(offer.resources.map((resource) => resource.text('name'))).toEqual(['a', 'c']);
  expect(said).toEqual([
    { server: 'shop', prompt: 'one', reason: 'another prompt has the same "name"; give each one of its own' },
    { server: 'shop', resource: 'without a scheme', reason: expect.stringContaining('"uri" has no scheme') },
    { server: 'shop', resource: 'b', reason: 'another resource has the same "uri"; give each one of its own' },
  ]);
});
