import { Client } from '@modelcontextprotocol/client';
import { ListToolsResultSchema as of10 } from 'sdk-1-0/types.js';
import { ListToolsResultSchema as of110 } from 'sdk-1-10/types.js';
import {
  ListPromptsResultSchema,
  ListResourcesResultSchema,
  ListResourceTemplatesResultSchema,
  ListToolsResultSchema as of132,
} from 'sdk-1-32/types.js';
import { describe, expect, test } from 'vitest';
import type { ListName } from '../../src/catalog/offer.ts';
import { whyRefused } from '../../src/catalog/why-refused.ts';
import type { Era } from '../../src/protocol/era.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { introduced } from '../fixtures/scripted-server.ts';

type Json = Record<string, unknown>;

/** Whether the newest SDK of the second major gives its user this list of one item. */
async function takenByNewest(list: ListName, item: unknown, era: Era): Promise<boolean> {
  const capabilities = { tools: {}, prompts: {}, resources: {} };
  const transport = {
    onmessage: undefined as ((message: unknown) => void) | undefined,
    start: async () => {},
    close: async () => {},
    send: async ({ id, method }: { id?: number; method?: string }) => {
      if (id === undefined) return;
      const hello = method === 'server/discover' || method === 'initialize';
      const listed = {
        [list]: [item],
        ...(era === 'modern' && { resultType: 'complete', ttlMs: 0, cacheScope: 'private' }),
      };
      const answer = hello ? introduced(era, capabilities) : { result: listed };
      queueMicrotask(() => transport.onmessage?.({ jsonrpc: '2.0', id, ...answer }));
    },
  };
  const client = new Client(
    { name: 'c', version: '1' },
    { versionNegotiation: { mode: era === 'modern' ? { pin: '2026-07-28' } : 'legacy' } },
  );
  await client.connect(transport as never);
  const asked = {
    tools: () => client.listTools(),
    prompts: () => client.listPrompts(),
    resources: () => client.listResources(),
    resourceTemplates: () => client.listResourceTemplates(),
  };
  return asked[list]().then(
    () => true,
    () => false,
  );
}

const FIRST_MAJOR: Readonly<Record<ListName, readonly { safeParse(value: unknown): { success: boolean } }[]>> = {
  tools: [of10, of110, of132],
  prompts: [ListPromptsResultSchema],
  resources: [ListResourcesResultSchema],
  resourceTemplates: [ListResourceTemplatesResultSchema],
};

async function isTaken(list: ListName, item: unknown, era: Era): Promise<boolean> {
  const ofFirst = era === 'modern' || FIRST_MAJOR[list].every((schema) => schema.safeParse({ [list]: [item] }).success);
  return ofFirst && (await takenByNewest(list, item, era));
}

const OBJECT = { type: 'object' };
const tool = (more: Json): Json => ({ name: 't', inputSchema: OBJECT, ...more });
const withInput = (inputSchema: unknown): Json => tool({ inputSchema });
const withOutput = (outputSchema: unknown): Json => tool({ outputSchema });
const resource = (more: Json): Json => ({ uri: 'x:1', name: 'r', ...more });

const ITEMS: readonly [ListName, Json][] = [
  ...[
    tool({}),
    { inputSchema: OBJECT },
    { name: 7, inputSchema: OBJECT },
    { name: 't' },
    ...[null, [], 'object', {}, { type: 'objct' }, { type: ['object'] }, { type: 'object', properties: [] }].map(
      withInput,
    ),
    ...[
      { type: 'object', properties: null },
      { type: 'object', properties: { a: true } },
    ].map(withInput),
    ...[
      { type: 'object', properties: { a: {}, b: [] } },
      { type: 'object', required: 'a' },
    ].map(withInput),
    ...[{ type: 'object', required: ['a', 1] }, { type: 'object', required: null }, { type: 'string' }].map(withInput),
    ...[
      { ...OBJECT, $schema: 7 },
      { ...OBJECT, additionalProperties: 1, $defs: 7 },
    ].map(withInput),
    ...[null, [], {}, OBJECT, { type: 'array' }, { anyOf: [OBJECT] }, { ...OBJECT, properties: { a: 1 } }].map(
      withOutput,
    ),
    ...[
      { ...OBJECT, $schema: 7 },
      { ...OBJECT, required: [7] },
    ].map(withOutput),
    ...[{ title: 7 }, { title: null }, { description: null }, { description: 'x' }, { _meta: [] }, { unknown: 7 }].map(
      tool,
    ),
    ...[{ annotations: null }, { annotations: {} }, { annotations: { readOnlyHint: 'yes' } }].map(tool),
    ...[{ annotations: { title: 7 } }, { annotations: { other: 7, destructiveHint: false } }].map(tool),
    ...[{ execution: null }, { execution: { taskSupport: 7 } }, { execution: { taskSupport: 'optional' } }].map(tool),
    ...[
      { icons: {} },
      { icons: [7] },
      { icons: [{}] },
      { icons: [{ src: 'x' }] },
      { icons: [{ src: 'x', sizes: 'any' }] },
    ].map(tool),
  ].map((item): [ListName, Json] => ['tools', item as Json]),
  ...[
    {},
    { name: 'p' },
    { name: 'p', description: 7 },
    { name: 'p', arguments: {} },
    { name: 'p', arguments: [7] },
  ].map((item): [ListName, Json] => ['prompts', item]),
  ...[[{}], [{ name: 'a' }], [{ name: 'a', required: 'yes' }], [{ name: 'a', description: null, required: true }]].map(
    (args): [ListName, Json] => ['prompts', { name: 'p', arguments: args }],
  ),
  ...[{}, { name: null }, { uri: 7 }, { mimeType: 7 }, { title: null }, { description: 7 }].map(
    (more): [ListName, Json] => ['resources', resource(more)],
  ),
  ['resources', { uri: 'x:1' }],
  ['resourceTemplates', { uriTemplate: 'x:{a}', name: 't' }],
  ['resourceTemplates', { uriTemplate: 'x:{a}' }],
  ['resourceTemplates', { name: 't' }],
];

describe.each(['legacy', 'modern'] as const)('an item that a strict client of the %s era refuses a list for', (era) => {
  test.each(ITEMS.map(([list, item]) => [JSON.stringify(item), list, item] as const))(
    'is known, and no other: %s of %s',
    async (_text, list, item) => {
      const isKnown = whyRefused(list, ObjectText.from(item), era) === undefined;
      expect(isKnown).toBe(await isTaken(list, item, era));
    },
  );
});

test.each([
  [{ name: 't' }, '"inputSchema" is missing'],
  [withInput([]), '"inputSchema" is a list, and must be an object'],
  [withInput({}), '"inputSchema.type" is missing, and must be "object"'],
  [withInput({ type: 'objct' }), '"inputSchema.type" is "objct", and must be "object"'],
  [withInput({ type: 'x'.repeat(50) }), '"inputSchema.type" is a text, and must be "object"'],
  [
    withInput({ type: 'object', properties: { a: true } }),
    '"inputSchema.properties.a" is true or false, and must be an object',
  ],
  [withInput({ type: 'object', required: [1] }), '"inputSchema.required" holds more than texts'],
  [tool({ icons: [{}] }), '"icons[0].src" is missing'],
])('%j says what is wrong', (item, reason) => {
  expect(whyRefused('tools', ObjectText.from(item), 'legacy')).toBe(reason);
});
