import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Era } from '../../../src/protocol/era.ts';
import { EVERYWHERE, type GuardedTalk, guardedTalk, PUBLIC, SECRET } from './guarded-talk.ts';
import { asks, type Kinds, says } from './talking-server.ts';

const LEAK = 'LEAKED';
const CLEAN = 'CLEAN';
const open = { resource: { description: '', ...PUBLIC }, operation: 'read' };

const kinds: Kinds = {
  secret: () => says('read'),
  public: () => says('done'),
  'public ask': asks('your name?'),
  'public wait': () => new Promise(() => {}),
};

/** Agents carry the tag: by right in strict and filter mode, in propagate mode from when they have read. */
const options = {
  kinds,
  answer: '',
  grants: { strict: SECRET, filter: SECRET },
  rules: {
    label_resource: ['"kind":"public', '"resources/subscribe"', '"notifications/'].map((contains) => ({
      contains,
      answer: open,
    })),
  },
};

describe.each<[string, Era[]]>([
  ['servers of both eras', ['legacy', 'modern']],
  ['servers of the legacy era', ['legacy']],
])('M4: what a client that carries a secret says beside its calls, to %s', (_servers, eras) => {
  let talk: GuardedTalk;
  beforeAll(async () => {
    talk = await guardedTalk({ ...options, eras });
  });
  afterAll(() => talk[Symbol.asyncDispose]());

  describe.each(EVERYWHERE)('$mode, $era, $endpoint', ({ mode, era, endpoint }) => {
    const tool = (server: string) => talk.tool(server, endpoint);
    /** The servers that a client of this endpoint sees and may not tell: they are public. */
    const targets = endpoint === 'unified' ? (['talking', 'open'] as const) : (['talking'] as const);
    const toldTo = (...servers: readonly ('talking' | 'open')[]) =>
      servers.flatMap((server) => talk[server].received).join('\n');

    test('the answer to a question of a call that began before', async () => {
      let content = CLEAN;
      const asked = await talk.client(mode, era, endpoint, {
        answer: async () => {
          if (content === LEAK) await asked.say(tool(mode), { kind: 'secret' });
          return { action: 'accept', content: { said: content } };
        },
      });
      const at = endpoint === 'unified' ? 'open' : mode;
      if (mode === 'propagate' || at === 'open') {
        expect((await asked.say(tool(at), { kind: 'public ask' })).frames).toContain('answered');
        expect(toldTo(...targets)).toContain(CLEAN);
      }
      content = LEAK;
      const denied = await asked.say(tool(at), { kind: 'public ask' });
      expect(denied.frames).toMatch(/Denied: .*carries secrecy that the target may not hold: s/);
      expect(toldTo(...targets)).not.toContain(LEAK);
      expect(toldTo(...targets)).not.toContain('secrecy');
    });

    test('what no guard has seen of a call that only reads', async () => {
      let name = 'clean';
      const abilities = () => ({ experimental: { [name]: {} } });
      const client = await talk.client(mode, era, endpoint, { name: () => name, abilities });
      const read = (said: string, beside: string) =>
        client.request('tools/call', {
          name: tool(mode),
          arguments: { kind: 'public', said },
          task: { ttl: null, [beside]: 1 },
          [beside]: 1,
          _meta: { progressToken: 7, said: beside, tracestate: `t=${beside}` },
        });
      const place = `${mode}-${era}-${endpoint}`;
      await read(`before-${place}`, `beside-${place}`);
      // By right of a grant a client carries the tag from its first call.
      expect(toldTo('talking').includes(`beside-${place}`)).toBe(mode === 'propagate');
      await client.say(tool(mode), { kind: 'secret' });
      name = LEAK;
      await read(`after-${place}`, LEAK);
      const [sent] = talk.talking.received.filter((frame) => frame.includes(`after-${place}`));
      expect(sent).toMatch(/"task":\{\}.*"progressToken":\d/);
      if (era === 'modern' && eras.includes(era)) expect(sent).toContain('clientInfo":{"name":"lockgate"');
      expect(toldTo('talking')).not.toContain(LEAK);
    });

    test('addresses to be told of', async () => {
      const client = await talk.client(mode, era, endpoint);
      const subscribe = async (uri: string) => {
        if (era === 'modern') return client.listen({ notifications: { resourceSubscriptions: [uri] } });
        return client.request('resources/subscribe', { uri });
      };
      const clean = endpoint === 'unified' ? `o://${CLEAN}-${mode}-${era}` : `s://${CLEAN}-${mode}-${era}`;
      const mayBefore = mode === 'propagate' || endpoint === 'unified';
      await subscribe(clean);
      if (mayBefore) expect(toldTo(...targets)).toContain(clean);
      await client.say(tool(mode), { kind: 'secret' });
      for (const scheme of endpoint === 'unified' ? ['o', 's'] : ['s']) {
        const denied = await subscribe(`${scheme}://${LEAK}`);
        if (era === 'legacy')
          expect(denied).toMatchObject({ error: { message: expect.stringMatching(/^Denied: .*carries secrecy/) } });
      }
      expect(toldTo(...targets)).not.toContain(LEAK);
      if (era === 'modern' || !mayBefore) return;
      // To give an address up is to tell it once more.
      const kept = await client.request('resources/unsubscribe', { uri: clean });
      expect(kept.frames).toMatch(/Denied: .*carries secrecy/);
      expect(toldTo(...targets)).not.toContain('resources/unsubscribe');
    });
  });

  describe.each(EVERYWHERE.filter(({ era }) => era === 'legacy'))(
    '$mode, $era, $endpoint',
    ({ mode, era, endpoint }) => {
      const tool = (server: string) => talk.tool(server, endpoint);
      const targets = endpoint === 'unified' ? (['talking', 'open'] as const) : (['talking'] as const);

      test('notifications', async () => {
        const client = await talk.client(mode, era, endpoint, { answer: () => ({ roots: [] }) });
        const servers = endpoint === 'unified' ? ['open', mode] : [mode];
        const since = talk.decisions.length;
        for (const server of servers) await client.say(tool(server), { kind: 'public' });
        await client.say(tool(mode), { kind: 'secret' });
        await client.notify('notifications/other', { said: LEAK });
        await client.notify('notifications/progress', { progressToken: LEAK, progress: 1 });
        await client.notify('notifications/progress', { progressToken: 7, progress: 1, message: LEAK });
        await client.notify('notifications/roots/list_changed', { said: LEAK });
        for (const server of servers)
          for (const method of ['notifications/other', 'notifications/progress'])
            await talk.untilDecided(
              since,
              ({ channel, verdict, server: by }) => by === server && channel?.method === method && verdict === 'denied',
            );
        for (const target of targets) {
          await talk[target].until('"notifications/roots/list_changed"}');
          await talk[target].until('"params":{"progressToken":7,"progress":1}');
        }
        expect(targets.flatMap((target) => talk[target].received).join()).not.toContain(LEAK);
      });
    },
  );

  test('a notification passes where the agent carries nothing', async () => {
    const client = await talk.client('propagate', 'legacy', 'routed', { answer: () => ({ roots: [] }) });
    await client.say('say', { kind: 'public' });
    await client.notify('notifications/other', { said: CLEAN });
    await talk.talking.until(`"method":"notifications/other","params":{"said":"${CLEAN}"}`);
  });

  test('the reason of a client that cancels', async () => {
    const client = await talk.client('propagate', 'legacy', 'routed', { answer: () => ({ roots: [] }) });
    await client.cancelled('say', { kind: 'public wait' }, LEAK, talk.talking.until('public wait'));
    await talk.talking.until('notifications/cancelled');
    expect(talk.talking.received.join()).not.toContain(LEAK);
  });
});

test('M4: what a modern client says of itself is not told a legacy server before any call', async () => {
  await using talk = await guardedTalk({ ...options, eras: ['legacy'] });
  let said = 'CALLED-CLEAN';
  const abilities = () => ({ elicitation: {}, experimental: { [said]: {} } });
  const client = await talk.client('', 'modern', 'unified', { answer: () => ({}), name: () => said, abilities });
  const begun = () => talk.open.received.filter((frame) => frame.includes('"method":"initialize"'));
  await client.say('open__say', { kind: 'public' });
  expect(begun().join().split(said)).toHaveLength(3);
  await client.say('propagate__say', { kind: 'secret' });
  const before = begun().length;
  said = LEAK;
  await client.request('tools/list');
  expect(begun().length).toBeGreaterThan(before);
  expect(talk.open.received.join()).not.toContain(LEAK);
});
