import type { ServerResponse } from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import { Drain } from '../../src/call/drain.ts';
import { Elsewhere, type ElsewhereOptions, type Work } from '../../src/http/elsewhere.ts';
import type { Passed } from '../../src/replicas/passed-on.ts';
import { StateError } from '../../src/state/state-error.ts';

afterEach(() => void vi.useRealTimers());

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

/** Passes what its holder, or the store, does not take at first. */
function passedLate(outcomes: readonly (Passed | StateError)[], isAnswer: boolean) {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const answered: string[] = [];
  const left = [...outcomes];
  const options = {
    drain: new Drain(),
    passing: {
      pass: async (): Promise<Passed> => {
        const outcome = left.shift() ?? 'passed';
        if (outcome instanceof StateError) throw outcome;
        return outcome;
      },
    },
    sessions: {},
  };
  const response = {
    destroyed: false,
    headersSent: false,
    writeHead: (status: number) => void answered.push(String(status)),
    end: () => undefined,
  };
  const session = { home: 'home' };
  const asked = { request: { method: 'POST', headers: {} }, response, endpoint: {}, headers: {} };
  const work = { asked, session, holder: () => 'holder', body: Buffer.alloc(0), id: undefined, isAnswer };
  const passing = new Elsewhere(options as unknown as ElsewhereOptions).pass(work as unknown as Work, 'holder');
  return { passing: passing.catch((error: StateError) => void answered.push(error.code)), answered, left };
}

const away = new StateError({ kind: 'unreachable', reason: 'EPIPE' });

test.each([
  ['its holder does not hear', ['not heard', 'not heard']],
  ['the store is away', [away, away]],
  ['the store is away, and its holder does not hear after that', [away, 'not heard']],
] as const)('a client that has answered is not refused where %s for a moment', async (_, outcomes) => {
  const { passing, answered, left } = passedLate(outcomes, true);
  await vi.runAllTimersAsync();
  await passing;
  expect([answered, left]).toEqual([[], []]);
});

test.each([
  ['its holder never hears', 'not heard', '503'],
  ['the store stays away', away, 'GATEWAY_STATE'],
] as const)('a client that has answered is told in the end where %s', async (_, outcome, told) => {
  const { passing, answered } = passedLate(Array(20).fill(outcome), true);
  await vi.runAllTimersAsync();
  await passing;
  expect(answered).toEqual([told]);
});

test('what clients ask for is not tried twice where the store is away, since it may have been done', async () => {
  const { passing, answered, left } = passedLate([away, away], false);
  await vi.runAllTimersAsync();
  await passing;
  expect([answered, left]).toEqual([['GATEWAY_STATE'], [away]]);
});
