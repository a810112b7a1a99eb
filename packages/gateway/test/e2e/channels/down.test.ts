import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Era } from '../../../src/protocol/era.ts';
import { EVERYWHERE, type GuardedTalk, guardedTalk, MODES, PUBLIC } from './guarded-talk.ts';
import { asks, type Kinds, says } from './talking-server.ts';

const MARK = 'MARKED';

/** The ways in which a server says something beside a result. */
const kinds: Kinds = {
  error: () => ({ error: { code: -32_050, message: `no ${MARK}`, data: { why: MARK } } }),
  'log message': ({ tell }) => {
    tell({ method: 'notifications/message', params: { level: 'error', data: MARK } });
    return says('done');
  },
  progress: ({ tell, params }) => {
    const progressToken = (params._meta as { progressToken: unknown }).progressToken;
    tell({ method: 'notifications/progress', params: { progressToken, progress: 1, message: MARK } });
    return says('done');
  },
  'unknown notification': ({ tell }) => {
    tell({ method: 'notifications/other', params: { said: MARK } });
    return says('done');
  },
};

describe('M3: what a server says beside its results', () => {
  let talk: GuardedTalk;
  beforeAll(async () => {
    talk = await guardedTalk({ kinds });
  });
  afterAll(() => talk[Symbol.asyncDispose]());

  describe.each(EVERYWHERE)('$mode, $era, $endpoint', ({ mode, era, endpoint }) => {
    test.each(Object.keys(kinds))('%s', async (kind) => {
      const client = await talk.client(mode, era, endpoint);
      const tool = talk.tool(mode, endpoint);
      const told = await client.say(tool, { kind });
      const written = await client.say(tool, { kind: 'write' });
      if (mode === 'propagate') {
        expect(told.frames).toContain(MARK);
        expect(written.frames).toMatch(/Denied: .*carries secrecy/);
      } else {
        expect(client.heard).not.toContain(MARK);
        expect(written.frames).toContain('written');
        if (kind === 'error')
          expect(told.frames).toMatch(/ended in an error of the server, which was withheld.*lacks secrecy: s/);
        else expect(told.frames).toContain('done');
      }
    });
  });

  test('is counted where it does not pass', async () => {
    const body = await talk.metrics();
    expect(body).toMatch(
      /lockgate_frames_dropped_total\{server="strict",direction="down",method="notifications\/message"\} 4/,
    );
    expect(body).toMatch(/lockgate_frames_dropped_total\{server="strict",direction="down",method="other"\} 4/);
  });
});

const written = { kind: 'write' };
const updated = (uri: string) => ({ method: 'notifications/resources/updated', params: { uri, title: MARK } });

/** What a server says on its own stream, which belongs to no request; what passes in every mode comes last, as a sign. */
const strays: Kinds = {
  stray: ({ tellSession }) => {
    tellSession({ method: 'notifications/message', params: { level: 'error', data: MARK } });
    tellSession({ method: 'notifications/other', params: { said: MARK } });
    tellSession({ method: 'notifications/tools/list_changed', params: { said: 'SAID' } });
    return says('done');
  },
  update: ({ tellSession }) => {
    tellSession(updated('s://other'));
    tellSession(updated('s://a'));
    tellSession({ method: 'notifications/prompts/list_changed' });
    return says('done');
  },
  ask: asks(MARK),
};

describe.each<[string, Era[]]>([
  ['servers of both eras', ['legacy', 'modern']],
  ['servers of the legacy era', ['legacy']],
])('M3: %s', (_servers, eras) => {
  let talk: GuardedTalk;
  beforeAll(async () => {
    const asking = { contains: '"kind":"ask"', answer: '' };
    talk = await guardedTalk({ kinds: strays, eras, rules: { label_response: [asking] } });
  });
  afterAll(() => talk[Symbol.asyncDispose]());

  describe.each(EVERYWHERE)('$mode, $era, $endpoint', ({ mode, era, endpoint }) => {
    test('the text of a question', async () => {
      const asked: string[] = [];
      const answer = (method: string) => {
        asked.push(method);
        return { action: 'accept', content: {} };
      };
      const client = await talk.client(mode, era, endpoint, { answer });
      const tool = talk.tool(mode, endpoint);
      const told = await client.say(tool, { kind: 'ask' });
      const after = await client.say(tool, written);
      if (mode === 'propagate') {
        expect(client.heard).toContain(MARK);
        expect(after.frames).toMatch(/Denied: .*carries secrecy/);
        return;
      }
      expect(client.heard).not.toContain(MARK);
      expect(asked).toEqual([]);
      expect(told.frames).toMatch(/withheld; the agent lacks secrecy: s/);
      expect(after.frames).toContain('written');
    });
  });

  describe.each(MODES.flatMap((mode) => [true, false].map((isAskable) => ({ mode, isAskable }))))(
    '$mode, a client that can be asked: $isAskable',
    ({ mode, isAskable }) => {
      const open = async () => {
        const more = isAskable ? { answer: () => ({ roots: [] }) } : {};
        return await talk.client(mode, 'legacy', 'routed', more);
      };

      test('log messages outside any request', async () => {
        const client = await open();
        await client.say('say', { kind: 'stray' });
        await client.until('notifications/tools/list_changed');
        if (mode === 'propagate') await client.until('notifications/other');
        expect(client.heard.includes(MARK)).toBe(mode === 'propagate');
        expect(client.heard).not.toContain('SAID');
        const { frames } = await client.say('say', written);
        expect(frames).toMatch(mode === 'propagate' ? /Denied: .*carries secrecy/ : /written/);
      });
    },
  );
});

describe('M15: of an update of a resource', () => {
  test.each(MODES)('%s: its address alone is told, and only to who asked this server for it', async (mode) => {
    const open = { resource: { description: '', ...PUBLIC }, operation: 'read' };
    const rules = { label_resource: [{ contains: '"uri":"s://a"', answer: open }] };
    await using talk = await guardedTalk({ kinds: strays, eras: ['legacy'], rules });
    for (const more of [{}, { answer: () => ({ roots: [] }) }]) {
      const client = await talk.client(mode, 'legacy', 'routed', more);
      await client.say('say', written);
      expect(await client.request('resources/subscribe', { uri: 's://a' })).toMatchObject({ result: {} });
      await client.say('say', { kind: 'update' });
      await client.until('"method":"notifications/resources/updated","params":{"uri":"s://a"}}');
      await client.until('notifications/prompts/list_changed');
      expect(client.heard).not.toContain(MARK);
      expect(client.heard).not.toContain('s://other');
    }
  });
});

test('the name of a method that nobody knows, which its server made, stands in no audit log', async () => {
  const logDir = mkdtempSync(join(tmpdir(), 'lockgate-names-'));
  const asking: Kinds = {
    asking: async ({ ask, tell }) => {
      tell({ method: `notifications/${MARK}` });
      await ask({ method: `other/${MARK}` });
      return says('done');
    },
  };
  {
    await using talk = await guardedTalk({ kinds: asking, gateway: { logDir } });
    const client = await talk.client('strict', 'legacy', 'routed');
    expect((await client.say('say', { kind: 'asking' })).frames).toContain('done');
  }
  const audit = readFileSync(join(logDir, 'audit.jsonl'), 'utf8');
  expect(audit).toContain('"channel":{"direction":"down","method":"other"}');
  expect(audit).not.toContain(MARK);
});
