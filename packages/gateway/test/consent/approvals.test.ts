import type { LockgateError } from '@lockgate/abi';
import { beforeEach, describe, expect, test } from 'vitest';
import { approved } from '../../src/call/approved.ts';
import type { ApprovalRule } from '../../src/config/approvals-section.ts';
import { Approvals } from '../../src/consent/approvals.ts';
import { APPROVAL_MS } from '../../src/consent/waiting-calls.ts';
import { LimitReachedError } from '../../src/limits/limit-reached-error.ts';
import { silentLogger } from '../../src/logger.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import type { Exchange } from '../../src/protocol/exchange.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { silentPeer } from '../../src/protocol/silent-peer.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { StateError } from '../../src/state/state-error.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import { wrapped } from '../state/wrapped-store.ts';

const RULE = { tools: ['git/delete_*'], require: 'operator', otherThanRequester: true } as const;

let now: number;
let pin: string | undefined;
let store: StateStore;
let approvals: Approvals;

beforeEach(() => {
  now = 1_000;
  pin = '1:a';
  store = createMemoryStore({ now: () => now });
  approvals = made();
});

/** One gateway of those that share the store. */
function made(rules: readonly ApprovalRule[] = [RULE], at = store): Approvals {
  const one = new Approvals({
    logger: silentLogger,
    redact: (text) => text,
    store: at,
    now: () => now,
    pinOf: () => pin,
  });
  one.replace(rules);
  return one;
}

function exchangeOf(name = 'ci', over: object = {}): Exchange {
  const peer = { ...silentPeer(name, { name, how: 'key' }), ...over };
  return { peer, cancellation: new Cancellation(), ask: () => Promise.reject(new Error('nobody')) } as never;
}

function callOf(args: string, tool = 'delete_repo') {
  return { server: 'git', tool, params: ObjectText.read(Buffer.from(`{"name":"x","arguments":${args}}`)) };
}

const ARGS = '{"repo":"a","n":9007199254740993}';

/** Others took the last place of a limit meanwhile. */
const lost = (): Promise<string> =>
  Promise.reject(new LimitReachedError({ limit: 'few', calls: 1, per: 'day', of: '', retryAfterSeconds: 1 }));

/** `passed`, or the code of the error. */
async function codeOf(
  call: ReturnType<typeof callOf>,
  exchange = exchangeOf(),
  by = approvals,
  made = async () => 'passed',
): Promise<string> {
  try {
    return await approved(by, call, exchange, false, async () => {}, made);
  } catch (error) {
    return (error as LockgateError).code;
  }
}

async function approve(args = ARGS, exchange = exchangeOf()): Promise<void> {
  expect(await codeOf(callOf(args), exchange)).toBe('GATEWAY_APPROVAL_NEEDED');
  const id = (await approvals.list()).find(({ state }) => state === 'waiting')?.id ?? '';
  await approvals.decide(id, 'approve', 'ada');
}

describe('an approval', () => {
  test('lets the very call pass, once, also of two that come at the same time', async () => {
    await approve();
    const spaced = '{ "n": 9007199254740993, "repo": "\\u0061" }';
    const both = await Promise.all([codeOf(callOf(spaced)), codeOf(callOf(ARGS))]);
    expect(both.sort()).toEqual(['GATEWAY_APPROVAL_NEEDED', 'passed']);
  });

  test.each<[string, () => Promise<string>]>([
    ['other arguments', () => codeOf(callOf('{"repo":"b","n":9007199254740993}'))],
    ['arguments that only a double takes for the same', () => codeOf(callOf('{"repo":"a","n":9007199254740992}'))],
    ['another tool', () => codeOf(callOf(ARGS, 'delete_all'))],
    ['another principal', () => codeOf(callOf(ARGS), exchangeOf('bot'))],
    [
      'another principal of the same name',
      () => codeOf(callOf(ARGS), exchangeOf('ci', { caller: { name: 'ci', how: 'certificate' } })),
    ],
    [
      'another client',
      () => codeOf(callOf(ARGS), exchangeOf('ci', { clientInfo: ObjectText.from({ name: 'other' }) })),
    ],
  ])('is not used by a call with %s, and stays for its own', async (_name, other) => {
    await approve();
    expect(await other()).toBe('GATEWAY_APPROVAL_NEEDED');
    expect(await codeOf(callOf(ARGS))).toBe('passed');
  });

  test('ends with its time, with a tool that is pinned anew, and with other rules', async () => {
    await approve();
    now += APPROVAL_MS;
    expect(await codeOf(callOf(ARGS))).toBe('GATEWAY_APPROVAL_NEEDED');
    await approvals.decide((await approvals.list())[0]?.id ?? '', 'approve', 'ada');
    pin = '1:b';
    expect(await codeOf(callOf(ARGS))).toBe('GATEWAY_APPROVAL_NEEDED');
    pin = '1:a';
    approvals.replace([{ ...RULE, otherThanRequester: false }]);
    expect(await codeOf(callOf(ARGS))).toBe('GATEWAY_APPROVAL_NEEDED');
  });

  test('that the loser of a last place has taken is there again for as long as it was, and for one call', async () => {
    await approve();
    const [approved] = await approvals.list();
    now += 1_000;
    expect(await codeOf(callOf(ARGS), exchangeOf(), approvals, lost)).toBe('GATEWAY_LIMIT_REACHED');
    expect(await approvals.list()).toEqual([{ ...approved, expiresInMs: APPROVAL_MS - 1_000 }]);
    // The same call asks anew in between: it waits no longer once the approval is back.
    const meanwhile = async () => {
      expect(await codeOf(callOf(ARGS))).toBe('GATEWAY_APPROVAL_NEEDED');
      return await lost();
    };
    expect(await codeOf(callOf(ARGS), exchangeOf(), approvals, meanwhile)).toBe('GATEWAY_LIMIT_REACHED');
    expect(await approvals.list()).toMatchObject([{ id: approved?.id, state: 'approved' }]);
    expect([await codeOf(callOf(ARGS)), await codeOf(callOf(ARGS))]).toEqual(['passed', 'GATEWAY_APPROVAL_NEEDED']);
  });

  test('that is given back is gone when its time is over, and leaves alone what was decided meanwhile', async () => {
    await approve();
    const denied = async () => {
      await codeOf(callOf(ARGS));
      await approvals.decide((await approvals.list())[0]?.id ?? '', 'deny', 'ada');
      return await lost();
    };
    expect(await codeOf(callOf(ARGS), exchangeOf(), approvals, denied)).toBe('GATEWAY_LIMIT_REACHED');
    expect(await codeOf(callOf(ARGS))).toBe('GATEWAY_APPROVAL_DENIED');
    now += APPROVAL_MS;
    await approve();
    const late = async () => {
      now += APPROVAL_MS;
      return await lost();
    };
    expect(await codeOf(callOf(ARGS), exchangeOf(), approvals, late)).toBe('GATEWAY_LIMIT_REACHED');
    expect(await codeOf(callOf(ARGS))).toBe('GATEWAY_APPROVAL_NEEDED');
  });

  test('is for an id that waits, is given once, and not by who asked for it', async () => {
    await codeOf(callOf(ARGS));
    const id = (await approvals.list())[0]?.id ?? '';
    await expect(approvals.decide('forged', 'approve', 'ada')).rejects.toThrow(/No call of this id/);
    await expect(approvals.decide(id, 'approve', 'ci')).rejects.toThrow(/Somebody else/);
    await approvals.decide(id, 'deny', 'ada');
    await expect(approvals.decide(id, 'approve', 'ada')).rejects.toThrow(/No call of this id/);
    expect(await codeOf(callOf(ARGS))).toBe('GATEWAY_APPROVAL_DENIED');
  });
});

describe('gateways that share a store', () => {
  test('never make two calls of one approval, whichever is first', async () => {
    const other = made();
    for (let n = 0; n < 1_000; n++) {
      const args = `{"n":${n}}`;
      expect(await codeOf(callOf(args), exchangeOf(), n % 2 === 0 ? approvals : other)).toBe('GATEWAY_APPROVAL_NEEDED');
      const [waits] = (await other.list()).filter(({ state }) => state === 'waiting');
      await approvals.decide(waits?.id ?? '', 'approve', 'ada');
      const order = n % 3 === 0 ? [other, approvals, other] : [approvals, other];
      const codes = await Promise.all(order.map((one) => codeOf(callOf(args), exchangeOf(), one)));
      expect(codes.filter((code) => code === 'passed')).toHaveLength(1);
      // The others wait for another yes, as one call.
      const again = (await approvals.list()).filter(({ state }) => state === 'waiting');
      expect(again).toHaveLength(1);
      await other.decide(again[0]?.id ?? '', 'deny', 'ada');
      now += APPROVAL_MS;
    }
  });

  test('decide on each other’s calls once, list them alike, and leave alone those under other rules', async () => {
    const [other, stricter] = [made(), made([{ ...RULE, tools: ['git/*'] }])];
    await codeOf(callOf(ARGS));
    expect(await other.list()).toEqual(await approvals.list());
    expect(await stricter.list()).toEqual([]);
    const [{ id } = { id: '' }] = await other.list();
    await expect(stricter.decide(id, 'approve', 'ada')).rejects.toThrow(/No call of this id/);
    const both = await Promise.allSettled([other.decide(id, 'deny', 'ada'), approvals.decide(id, 'approve', 'eve')]);
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('list a call again whose gateway died before it had listed it', async () => {
    const dying = wrapped(store, async (operation, name) => {
      if (operation === 'compareAndSet' && name.startsWith('approvals:')) throw new Error('killed');
      if (operation === 'delete') throw new Error('killed');
    });
    await expect(made([RULE], dying).pass(RULE, callOf(ARGS), exchangeOf())).rejects.toThrow('killed');
    expect(await approvals.list()).toEqual([]);
    expect(await codeOf(callOf(ARGS))).toBe('GATEWAY_APPROVAL_NEEDED');
    expect(await approvals.list()).toHaveLength(1);
  });
});

test('a call that cannot be looked up because the store fails is not made', async () => {
  await approve();
  const gone = wrapped(store, () => Promise.reject(new StateError({ kind: 'unreachable', reason: 'ECONNREFUSED' })));
  expect(await codeOf(callOf(ARGS), exchangeOf(), made([RULE], gone))).toBe('GATEWAY_STATE');
});

test('nothing is asked about tools that no rule means', async () => {
  expect(await codeOf(callOf(ARGS, 'get_repo'))).toBe('passed');
});

test('a rule for roles means callers with one of these, whatever others they have', async () => {
  approvals = made([{ ...RULE, roles: ['intern', 'guest'] }]);
  const as = (roles?: readonly string[]) =>
    exchangeOf('ci', { caller: { name: 'ci', how: 'key', ...(roles && { roles }) } });
  expect(await codeOf(callOf(ARGS), as(['guest', 'writer']))).toBe('GATEWAY_APPROVAL_NEEDED');
  expect(await codeOf(callOf(ARGS), as(['writer']))).toBe('passed');
  expect(await codeOf(callOf(ARGS), as())).toBe('passed');
});

test('an approval for some tags of secrecy is none for others', async () => {
  const rule = { ...RULE, secrecy: ['*'] };
  const pass = (...leaving: readonly string[]): Promise<string> =>
    approvals.pass(rule, callOf(ARGS), exchangeOf(), leaving).then(
      () => 'passed',
      ({ code }) => code,
    );
  await pass('a');
  await approvals.decide((await approvals.list())[0]?.id ?? '', 'approve', 'ada');
  expect([await pass('a', 'b'), await pass('a'), await pass('a')]).toEqual([
    'GATEWAY_APPROVAL_NEEDED',
    'passed',
    'GATEWAY_APPROVAL_NEEDED',
  ]);
});

test('the first rule that means a call holds for it', async () => {
  const open = made([
    { ...RULE, secrecy: ['*'] },
    { ...RULE, roles: ['guest'] },
    RULE,
    { ...RULE, tools: ['*/*'], require: 'client' },
  ]);
  const rules = open.rulesOf({ server: 'git', tool: 'delete_repo' }, exchangeOf().peer);
  expect(rules.map(({ secrecy, require }) => [secrecy, require])).toEqual([
    [['*'], 'operator'],
    [undefined, 'operator'],
  ]);
});

test('arguments with a key that comes twice are refused, since two readers would see two calls', async () => {
  expect(await codeOf(callOf('{"repo":"a","repo":"b"}'))).toBe('GATEWAY_BAD_REQUEST');
});

test('one principal cannot fill the list so that others are not asked', async () => {
  for (let n = 0; n < 60; n++) await codeOf(callOf(`{"n":${n}}`));
  expect(await approvals.list()).toHaveLength(50);
  expect(await codeOf(callOf(ARGS), exchangeOf('other'))).toBe('GATEWAY_APPROVAL_NEEDED');
});

describe('a client that can be asked', () => {
  const asked = (answer: () => Promise<object>) => ({
    ...exchangeOf('ci', { capabilities: ObjectText.from({ elicitation: {} }) }),
    ask: async () => ObjectText.from((await answer()) as never),
  });

  test.each([
    [{ action: 'accept', content: { allow: true } }, 'passed'],
    [{ action: 'accept', content: { allow: false } }, 'GATEWAY_APPROVAL_DENIED'],
    [{ action: 'accept', content: { allow: 'true' } }, 'GATEWAY_APPROVAL_DENIED'],
    [{ action: 'accept' }, 'GATEWAY_APPROVAL_DENIED'],
    [{ action: 'decline' }, 'GATEWAY_APPROVAL_DENIED'],
    [{}, 'GATEWAY_APPROVAL_DENIED'],
  ])('answers %j', async (answer, code) => {
    approvals.replace([{ ...RULE, require: 'client' }]);
    expect(await codeOf(callOf(ARGS), asked(async () => answer) as never)).toBe(code);
    expect(await approvals.list()).toEqual([]);
  });

  test('gives no answer, which is a no; and where it can only open pages, an operator is asked', async () => {
    approvals.replace([{ ...RULE, require: 'client' }]);
    const gone = asked(() => Promise.reject(new Error('gone')));
    expect(await codeOf(callOf(ARGS), gone as never)).toBe('GATEWAY_APPROVAL_DENIED');
    const pages = exchangeOf('ci', { capabilities: ObjectText.from({ elicitation: { url: {} } }) });
    expect(await codeOf(callOf(ARGS), pages)).toBe('GATEWAY_APPROVAL_NEEDED');
  });
});
