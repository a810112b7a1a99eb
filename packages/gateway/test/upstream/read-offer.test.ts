import { describe, expect, test } from 'vitest';
import { EMPTY_OFFER, type ListName } from '../../src/catalog/offer.ts';
import { silentLogger } from '../../src/logger.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { LeftOut } from '../../src/upstream/left-out.ts';
import { readOffer } from '../../src/upstream/read-offer.ts';
import { openFakeConnection } from './fake-connection.ts';

const leftOut = new LeftOut('s', silentLogger);
const ALL = { tools: {}, resources: {}, prompts: {} };
const NOT_FOUND = '"error":{"code":-32601,"message":"Method not found"}';

async function offerOf(
  answer: (method: string, cursor: unknown) => string,
  { capabilities = ALL, lists }: { capabilities?: Record<string, unknown>; lists?: readonly ListName[] } = {},
) {
  const { link, connection } = await openFakeConnection('legacy', { capabilities });
  link.answer = (method, { cursor }) => answer(method, cursor);
  const offer = await readOffer(connection, { cancellation: new Cancellation(), leftOut, ...(lists && { lists }) });
  const names = offer.tools.map((tool) => tool.text('name'));
  return { offer, names, asked: link.sent.map(({ frame }) => frame.method) };
}

const tools = (names: readonly string[], more = '') =>
  `"result":{"tools":[${names.map((name) => `{"name":"${name}","inputSchema":{"type":"object"}}`)}]${more}}`;
const nothing = '"result":{}';

describe('a list', () => {
  test.each(['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list'])(
    'whose method %s the server does not know is empty, and everything else is served',
    async (missing) => {
      const answers: Record<string, string> = {
        'tools/list': tools(['a']),
        'resources/list': '"result":{"resources":[{"uri":"x:1","name":"x"}]}',
        'resources/templates/list': '"result":{"resourceTemplates":[{"uriTemplate":"x:{a}","name":"x"}]}',
        'prompts/list': '"result":{"prompts":[{"name":"p"}]}',
      };
      const { offer } = await offerOf((method) => (method === missing ? NOT_FOUND : (answers[method] ?? nothing)));
      const sizes = [offer.tools, offer.resources, offer.resourceTemplates, offer.prompts].map(({ length }) => length);
      expect(sizes).toEqual(Object.keys(answers).map((method) => (method === missing ? 0 : 1)));
    },
  );

  const BROKEN = '"error":{"code":-32603,"message":"broken"}';

  test('of tools that fails in another way fails the whole', async () => {
    await expect(offerOf(() => BROKEN)).rejects.toMatchObject({ code: -32_603 });
  });

  test('of something else that fails in another way is empty with what the server said, and everything else is served', async () => {
    const { names, offer } = await offerOf((method) => (method === 'tools/list' ? tools(['a']) : BROKEN));
    expect(names).toEqual(['a']);
    expect(offer.resources).toEqual([]);
    expect(offer.failed).toMatchObject({
      resources: { code: -32_603, message: 'broken' },
      resourceTemplates: { message: 'broken' },
      prompts: { message: 'broken' },
    });
  });

  test('that is not declared is not asked for', async () => {
    const { asked, offer } = await offerOf(() => tools(['a']), { capabilities: { tools: {} } });
    expect(asked).toEqual(['tools/list']);
    expect(offer.prompts).toBe(EMPTY_OFFER.prompts);
  });
});

describe('pages of a list', () => {
  const byCursor = (pages: Record<string, string>) => (method: string, cursor: unknown) =>
    method === 'tools/list' ? (pages[String(cursor)] ?? NOT_FOUND) : nothing;

  test('are read until there is no cursor', async () => {
    const { names, asked } = await offerOf(
      byCursor({
        undefined: tools(['one'], ',"nextCursor":"2"'),
        2: tools(['two'], ',"nextCursor":""'),
        '': tools(['three']),
      }),
      { lists: ['tools'] },
    );
    expect(names).toEqual(['one', 'two', 'three']);
    expect(asked).toHaveLength(3);
  });

  test.each([
    ['null', { undefined: tools(['one'], ',"nextCursor":null') }, ['one'], 1],
    ['no string', { undefined: tools(['one'], ',"nextCursor":7') }, ['one'], 1],
    [
      'empty as the last one',
      { undefined: tools(['one'], ',"nextCursor":""'), '': tools(['one'], ',"nextCursor":""') },
      ['one'],
      2,
    ],
    [
      'always the same',
      {
        undefined: tools(['one', 'two'], ',"nextCursor":"fixed"'),
        fixed: tools(['one', 'two'], ',"nextCursor":"fixed"'),
      },
      ['one', 'two'],
      2,
    ],
    [
      'one of two in turn',
      {
        undefined: tools(['one'], ',"nextCursor":"a"'),
        a: tools(['two'], ',"nextCursor":"b"'),
        b: tools(['three', 'one'], ',"nextCursor":"a"'),
      },
      ['one', 'two', 'three'],
      3,
    ],
  ])('end where the cursor is %s', async (_what, pages, expected, requests) => {
    const { names, asked } = await offerOf(byCursor(pages), { lists: ['tools'] });
    expect(names).toEqual(expected);
    expect(asked).toHaveLength(requests);
  });

  test('that never end are given up', async () => {
    let page = 0;
    const { names } = await offerOf(() => tools([`t${page}`], `,"nextCursor":"${++page}"`), { lists: ['tools'] });
    expect(names).toHaveLength(1_000);
  });
});

test('items keep their bytes, and what stands beside them on the first page is kept, in its order', async () => {
  const item = '{ "name":"a", "n":1.0, "n":9007199254740993, "inputSchema":{"type":"object"} }';
  const plain = '{"name":"b","inputSchema":{"type":"object"}}';
  const first = `"result":{"x":1e3,"tools":[${item}, 7],"ttlMs":5,"nextCursor":"2"}`;
  const second = `"result":{"ttlMs":6,"tools":[${plain}]}`;
  const { offer } = await offerOf((_method, cursor) => (cursor === undefined ? first : second), { lists: ['tools'] });
  expect(offer.tools.map((tool) => String(tool.toBytes()))).toEqual([item, plain]);
  expect(String(offer.listMetadata.tools?.toBytes())).toBe('{"x":1e3,"tools":[],"ttlMs":5}');
});

test('of equal names the first is kept', async () => {
  const [first, second] = [1, 2].map((n) => `{"name":"a","n":${n},"inputSchema":{"type":"object"}}`);
  const same = `"result":{"tools":[${first},${second}]}`;
  const { offer } = await offerOf(() => same, { lists: ['tools'] });
  expect(offer.tools.map((tool) => tool.value('n'))).toEqual([1]);
});

test('lists that are not asked for stay as they were', async () => {
  const { connection, link } = await openFakeConnection('legacy', { capabilities: ALL });
  link.answer = () => tools(['new']);
  const prompts = [ObjectText.from({ name: 'p' })];
  const offer = await readOffer(connection, {
    cancellation: new Cancellation(),
    leftOut,
    lists: ['tools'],
    before: { ...EMPTY_OFFER, prompts },
  });
  expect(offer.prompts).toBe(prompts);
  expect(offer.tools).toHaveLength(1);
});

test('a list whose pages are large is served up to 64 MiB', async () => {
  const text = 'x'.repeat(4 * 1024 * 1024);
  let page = 0;
  const large = (): string =>
    `"result":{"tools":[{"name":"${page}","description":"${text}","inputSchema":{"type":"object"}}],"nextCursor":"${++page}"}`;
  const { names } = await offerOf(large, { lists: ['tools'] });
  expect(names).toHaveLength(16);
});
