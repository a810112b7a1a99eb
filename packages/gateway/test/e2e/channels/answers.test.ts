import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EVERYWHERE, type GuardedTalk, guardedTalk, MODES, PUBLIC, SECRET } from './guarded-talk.ts';
import { type Kinds, says } from './talking-server.ts';

const MARK = 'MARKED';
const items = (...data: unknown[]) => ({ items: data.map((value) => ({ data: value, labels: PUBLIC })) });
const first = { items_path: '', labeled_paths: [{ path: '/0', labels: PUBLIC }], default_labels: PUBLIC };
const whole = (labels: object, more: object = {}) => ({ labeled_paths: [{ path: '', labels }], ...more });
const content = (text: string, more: object = {}) => [{ type: 'text', text, ...more }];

interface Case {
  /** What the server answers. */
  readonly result: Record<string, unknown>;
  /** What the guard says of it. */
  readonly labels: unknown;
  /** What is given of it in filter mode. */
  readonly left?: string;
}

/** Parts of an answer that no label covers carry the labels of the resource, which are secret. */
const REST: Readonly<Record<string, Case>> = {
  'M1: what stands around the list of older labels': {
    result: { content: content(JSON.stringify({ items: ['pub'], private: [MARK] })) },
    labels: items('pub'),
    left: '[\\"pub\\"]',
  },
  'M6: _meta of a result': { result: { content: content('["pub"]'), _meta: { x: MARK } }, labels: first, left: 'pub' },
  'M6: a member that no result has': { result: { content: content('["pub"]'), x: MARK }, labels: first, left: 'pub' },
  'M6: _meta of a block': {
    result: { content: content('["pub"]', { _meta: { x: MARK } }) },
    labels: first,
    left: 'pub',
  },
  'M6: a key around a wrapped text': {
    result: { content: content('["pub"]'), structuredContent: { [MARK]: '["pub"]' } },
    labels: first,
    left: 'pub',
  },
  'M6: the name of a member that is null, around a list': {
    result: { content: content(JSON.stringify({ items: ['pub'], next: null, [MARK]: null })) },
    labels: { items_path: '/items', labeled_paths: [{ path: '/items/0', labels: PUBLIC }] },
    left: '{\\"items\\":[\\"pub\\"],\\"next\\":null}',
  },
  'M7: a text that differs from structured content': {
    result: { content: content(MARK), structuredContent: { shown: 'pub' } },
    labels: whole(PUBLIC, { default_labels: PUBLIC }),
    left: 'pub',
  },
};

/** Labels that mean nothing certain deny, in every mode. */
const MISFITS: Readonly<Record<string, Case>> = {
  'M6: a text in which a key comes twice': {
    result: { content: content(`{"a":"${MARK}","a":1}`) },
    labels: whole(PUBLIC),
  },
  'M7: a label of the whole where there are two texts': {
    result: { content: [...content(MARK), ...content('two')] },
    labels: whole(SECRET, { default_labels: PUBLIC }),
  },
  'M7: a path that leads nowhere': {
    result: { content: content(`{"a":"${MARK}"}`) },
    labels: { labeled_paths: [{ path: '/b', labels: SECRET }], default_labels: PUBLIC },
  },
  'M7: a key that is no label': { result: { content: content(`{"a":"${MARK}"}`) }, labels: whole({ Secrecy: ['s'] }) },
};

const cases = { ...REST, ...MISFITS };
const SECRET_RESOURCE = { description: '', ...SECRET };
const PUBLIC_RESOURCE = { description: '', ...PUBLIC };

const kinds: Kinds = {
  ...Object.fromEntries(Object.entries(cases).map(([kind, { result }]) => [kind, () => ({ result })])),
  absent: () => says(MARK),
  misspelt: () => says(MARK),
  'secret write': () => says(MARK),
  'one object': () => says(JSON.stringify({ one: MARK })),
  task: () => ({ result: { task: { taskId: MARK, status: 'working', ttl: null, createdAt: '2026-01-01T00:00:00Z' } } }),
  failing: () => ({ error: { code: -32_050, message: 'its own words' } }),
};

const about = (kind: string, answer: unknown) => ({ contains: `"kind":${JSON.stringify(kind)}`, answer });

describe('what comes back as the answer of a call', () => {
  let talk: GuardedTalk;
  beforeAll(async () => {
    talk = await guardedTalk({
      kinds,
      rules: {
        label_resource: [
          about('absent', { resource: SECRET_RESOURCE }),
          about('misspelt', { resource: SECRET_RESOURCE, operation: 'READ' }),
          about('secret write', { resource: SECRET_RESOURCE, operation: 'write' }),
          about('one object', { resource: PUBLIC_RESOURCE, operation: 'read' }),
          about('failing', { resource: PUBLIC_RESOURCE, operation: 'read' }),
          { contains: '"tool_args":{"taskId"', answer: { resource: PUBLIC_RESOURCE, operation: 'read' } },
        ],
        label_response: [
          ...Object.entries(cases).map(([kind, { labels }]) => about(kind, labels)),
          { contains: '"task":{"taskId"', answer: whole(PUBLIC) },
          about('task', ''),
          about('one object', { items: [{ data: { one: MARK }, labels: SECRET }] }),
        ],
      },
    });
  });
  afterAll(() => talk[Symbol.asyncDispose]());

  describe.each(EVERYWHERE)('$mode, $era, $endpoint', ({ mode, era, endpoint }) => {
    const called = async (kind: string) => {
      const client = await talk.client(mode, era, endpoint);
      const tool = talk.tool(mode, endpoint);
      const told = await client.say(tool, { kind });
      return { client, told, written: (await client.say(tool, { kind: 'write' })).frames };
    };

    test.each(Object.entries(REST))('%s', async (kind, { left = '' }) => {
      const { client, told, written } = await called(kind);
      if (mode === 'propagate') {
        expect(told.frames).toContain(MARK);
        expect(written).toMatch(/Denied: .*carries secrecy/);
        return;
      }
      expect(client.heard).not.toContain(MARK);
      expect(told.frames).toContain(mode === 'strict' ? 'the answer was withheld; the agent lacks secrecy: s' : left);
      expect(written).toContain('written');
    });

    test.each(Object.keys(MISFITS))('%s', async (kind) => {
      const { client, told } = await called(kind);
      expect(client.heard).not.toContain(MARK);
      expect(told.frames).toMatch(/Denied: guard .* failed in label_response/);
    });

    test.each(['absent', 'misspelt'])('M2: an operation that is %s is a read and a write', async (kind) => {
      const before = talk.talking.received.length;
      const { client, told } = await called(kind);
      expect(told.frames).toMatch(/Denied: .* may not be called as a read; the agent lacks secrecy: s/);
      expect(client.heard).not.toContain(MARK);
      expect(talk.talking.received.slice(before).join()).not.toContain(kind);
    });

    test('M2: the answer of a write is checked, and that it was carried out is told', async () => {
      const { client, told, written } = await called('secret write');
      if (mode === 'propagate') {
        expect(told.frames).toContain(MARK);
        expect(written).toMatch(/Denied: .*carries secrecy/);
        return;
      }
      expect(client.heard).not.toContain(MARK);
      expect(told.result).toMatchObject({ isError: true });
      expect(told.frames).toMatch(/withheld; the agent lacks secrecy: s. The call was carried out: do not repeat it/);
    });

    test('M13: an answer that is one object is withheld as an error, not as an empty list', async () => {
      const { client, told } = await called('one object');
      if (mode === 'propagate') return expect(told.frames).toContain(MARK);
      expect(client.heard).not.toContain(MARK);
      expect(told.result).toMatchObject({ isError: true });
      expect(told.frames).toContain('the answer was withheld');
      return expect(told.frames).not.toContain('[]');
    });

    test('M12: what the server itself fails with keeps its name, and is no denial', async () => {
      const client = await talk.client(mode, era, endpoint);
      const before = talk.decisions.length;
      const told = await client.say(talk.tool(mode, endpoint), { kind: 'failing' });
      expect(told.error).toMatchObject({ code: -32_050, message: 'its own words' });
      expect(talk.decisions.slice(before)).not.toContainEqual(expect.objectContaining({ verdict: 'denied' }));
    });
  });

  test.each(MODES)('%s: a task is as secret as the call that began it', async (mode) => {
    const client = await talk.client(mode, 'legacy', 'routed');
    expect((await client.say('say', { kind: 'task' })).result).toHaveProperty('task');
    const { frames } = await client.request('tasks/result', { taskId: MARK });
    const after = await client.say('say', { kind: 'write' });
    if (mode === 'propagate') {
      expect(frames).toContain(`result of ${MARK}`);
      expect(after.frames).toMatch(/Denied: .*carries secrecy/);
    } else expect(frames).toMatch(/Denied: .*say.* answered .* the answer was withheld/);
    expect(talk.talking.received.some((frame) => frame.includes('"method":"tasks/result"'))).toBe(true);
  });

  test('M12: metrics keep what failed apart from what was denied', async () => {
    const metrics = await talk.metrics();
    const counted = (verdict: string) =>
      `lockgate_requests_total{server="strict",method="tools/call",verdict="${verdict}"}`;
    expect(metrics).toContain(`${counted('error')} 4\n`);
    expect(metrics).toContain(counted('denied'));
  });
});
