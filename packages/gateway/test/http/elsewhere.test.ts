import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { Drain } from '../../src/call/drain.ts';
import { Elsewhere, type ElsewhereOptions, type Work } from '../../src/http/elsewhere.ts';

/** Gateways by name, of which some have ended, and a session at home at the first of them. */
function opened(ended: readonly string[], whileAsked: (session: { home: string | undefined }) => void) {
  const session = { home: 'first' as string | undefined };
  const done: string[] = [];
  const options = {
    drain: new Drain(),
    passing: {
      pass: async ({ to }: { to: string }) => {
        if (ended.includes(to)) {
          whileAsked(session);
          return 'not taken';
        }
        done.push(`passed to ${to}`);
        return 'passed';
      },
    },
    sessions: {
      moveHome: async () => {
        done.push('moved');
        session.home = 'here';
      },
    },
  };
  const response = {
    destroyed: false,
    headersSent: false,
    writeHead: () => {},
    end: (text: string) => void done.push(text),
  };
  const pass = (holder: () => string | undefined): Promise<void> => {
    const asked = {
      request: { headers: {} },
      response: response as unknown as ServerResponse,
      endpoint: {},
      headers: {},
    };
    const work = {
      asked,
      session,
      holder,
      body: Buffer.alloc(0),
      id: Buffer.from('1'),
      here: () => void done.push('served here'),
    };
    return new Elsewhere(options as unknown as ElsewhereOptions).pass(work as unknown as Work, holder());
  };
  const atHome = (): string | undefined => (session.home === 'here' ? undefined : session.home);
  return { pass, atHome, done };
}

test('a call whose holder has ended goes on here, once the session is at home here', async () => {
  const { pass, atHome, done } = opened(['first'], () => {});
  await pass(atHome);
  expect(done).toEqual(['moved', 'served here']);
});

test('a call whose session was moved by another request meanwhile goes on where it is at home now', async () => {
  const { pass, atHome, done } = opened(['first'], (session) => {
    session.home = 'second';
  });
  await pass(atHome);
  expect(done).toEqual(['passed to second']);
});

test('what a gateway that has ended held for itself is told to be gone', async () => {
  const { pass, done } = opened(['first'], () => {});
  await pass(() => 'first');
  expect(done).toEqual(['moved', expect.stringContaining('has ended, and what it held with it')]);
});
