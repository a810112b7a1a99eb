import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EVERYWHERE, type GuardedTalk, guardedTalk } from './guarded-talk.ts';
import { type Kinds, says } from './talking-server.ts';

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
