import { Gate } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import type { Era } from '../../../src/protocol/era.ts';
import { guardedTalk, MODES, PUBLIC } from './guarded-talk.ts';
import { type Kinds, says } from './talking-server.ts';

const MARK = 'MARKED';

/** A server of the legacy era that has something to say of a secret call, on the stream of its session, while a public one runs. */
async function lateTalk() {
  const gate = new Gate();
  const kinds: Kinds = {
    secret: () => says('done'),
    'open log': async ({ tellSession }) => {
      tellSession({ method: 'notifications/other', params: { said: MARK } });
      await gate.pass();
      return says('done');
    },
    'open ask': async ({ tellSession }) => {
      const params = { message: MARK, requestedSchema: { type: 'object', properties: {} } };
      tellSession({ id: 'late', method: 'elicitation/create', params });
      await gate.pass();
      return says('done');
    },
  };
  const open = { resource: { description: '', ...PUBLIC }, operation: 'read' };
  const rules = { label_resource: [{ contains: '"kind":"open', answer: open }] };
  return { gate, talk: await guardedTalk({ kinds, eras: ['legacy'], rules }) };
}

describe.each(MODES)('%s: what a server says of no call in particular', (mode) => {
  test.each<Era>(['legacy', 'modern'])('is not taken for the one call that runs, by a %s client', async (era) => {
    const { talk, gate } = await lateTalk();
    await using _ = talk;
    const client = await talk.client(mode, era, 'routed', { answer: () => ({}) });
    const said = client.say('say', { kind: 'open log' });
    await talk.untilDecided(0, ({ channel }) => channel?.method === 'notifications/other');
    gate.open();
    const { frames } = await said;
    expect(`${frames}${client.heard}`.includes(MARK)).toBe(mode === 'propagate');
    const after = await client.say('say', { kind: 'write' });
    expect(after.frames).toMatch(mode === 'propagate' ? /Denied: .*carries secrecy/ : /written/);
  });

  test.each([false, true])('asks of what the client has called there (a secret call before: %s)', async (isLate) => {
    const { talk, gate } = await lateTalk();
    await using _ = talk;
    const asked: string[] = [];
    const answer = (method: string) => {
      asked.push(method);
      return { action: 'accept', content: {} };
    };
    const client = await talk.client(mode, 'modern', 'routed', { answer });
    if (isLate) await client.say('say', { kind: 'secret' });
    const said = client.say('say', { kind: 'open ask' });
    await talk.talking.until('"id":"late"');
    gate.open();
    await said;
    expect(asked).toEqual(isLate && mode !== 'propagate' ? [] : ['elicitation/create']);
  });
});
