import { beforeEach, describe, expect, test } from 'vitest';
import { APPROVAL_MS, Approvals } from '../../src/consent/approvals.ts';
import { silentLogger } from '../../src/logger.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import type { Exchange } from '../../src/protocol/exchange.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { silentPeer } from '../../src/protocol/silent-peer.ts';

const RULE = { tools: ['git/delete_*'], require: 'operator', otherThanRequester: true } as const;

let now: number;
let pin: string | undefined;
let approvals: Approvals;

beforeEach(() => {
  now = 1_000;
  pin = '1:a';
  approvals = new Approvals({ logger: silentLogger, redact: (text) => text, now: () => now, pinOf: () => pin });
  approvals.replace([RULE]);
});

function exchangeOf(name = 'ci', over: object = {}): Exchange {
  const peer = { ...silentPeer(name, { name, how: 'key' }), ...over };
  return { peer, cancellation: new Cancellation(), ask: () => Promise.reject(new Error('nobody')) } as never;
}

function callOf(args: string, tool = 'delete_repo') {
  return { server: 'git', tool, params: ObjectText.read(Buffer.from(`{"name":"x","arguments":${args}}`)) };
}

const ARGS = '{"repo":"a","n":9007199254740993}';

const codeOf = (call: ReturnType<typeof callOf>, exchange = exchangeOf()): Promise<string> =>
  approvals.pass(call, exchange).then(
    () => 'passed',
    ({ code }) => code,
  );

async function approved(args = ARGS, exchange = exchangeOf()): Promise<void> {
  expect(await codeOf(callOf(args), exchange)).toBe('GATEWAY_APPROVAL_NEEDED');
  const id = approvals.list().find(({ state }) => state === 'waiting')?.id ?? '';
  approvals.decide(id, 'approve', 'ada');
}

describe('an approval', () => {
  test('lets the very call pass, once, also of two that come at the same time', async () => {
    await approved();
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
    await approved();
    expect(await other()).toBe('GATEWAY_APPROVAL_NEEDED');
    expect(await codeOf(callOf(ARGS))).toBe('passed');
  });

  test('ends with its time, with a tool that is pinned anew, and with other rules', async () => {
    await approved();
    now += APPROVAL_MS;
    expect(await codeOf(callOf(ARGS))).toBe('GATEWAY_APPROVAL_NEEDED');
    approvals.decide(approvals.list()[0]?.id ?? '', 'approve', 'ada');
    pin = '1:b';
    expect(await codeOf(callOf(ARGS))).toBe('GATEWAY_APPROVAL_NEEDED');
    pin = '1:a';
    approvals.replace([{ ...RULE, otherThanRequester: false }]);
    expect(await codeOf(callOf(ARGS))).toBe('GATEWAY_APPROVAL_NEEDED');
  });

  test('is for an id that waits, is given once, and not by who asked for it', async () => {
    await codeOf(callOf(ARGS));
    const id = approvals.list()[0]?.id ?? '';
    expect(() => approvals.decide('forged', 'approve', 'ada')).toThrow(/No call of this id/);
    expect(() => approvals.decide(id, 'approve', 'ci')).toThrow(/Somebody else/);
    approvals.decide(id, 'deny', 'ada');
    expect(() => approvals.decide(id, 'approve', 'ada')).toThrow(/No call of this id/);
    expect(await codeOf(callOf(ARGS))).toBe('GATEWAY_APPROVAL_DENIED');
  });
});

test('nothing is asked about tools that no rule means', async () => {
  expect(await codeOf(callOf(ARGS, 'get_repo'))).toBe('passed');
});

test('arguments with a key that comes twice are refused, since two readers would see two calls', async () => {
  expect(await codeOf(callOf('{"repo":"a","repo":"b"}'))).toBe('GATEWAY_BAD_REQUEST');
});

test('one principal cannot fill the list so that others are not asked', async () => {
  for (let n = 0; n < 60; n++) await codeOf(callOf(`{"n":${n}}`));
  expect(approvals.list()).toHaveLength(50);
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
    expect(approvals.list()).toEqual([]);
  });

  test('gives no answer, which is a no; and where it can only open pages, an operator is asked', async () => {
    approvals.replace([{ ...RULE, require: 'client' }]);
    const gone = asked(() => Promise.reject(new Error('gone')));
    expect(await codeOf(callOf(ARGS), gone as never)).toBe('GATEWAY_APPROVAL_DENIED');
    const pages = exchangeOf('ci', { capabilities: ObjectText.from({ elicitation: { url: {} } }) });
    expect(await codeOf(callOf(ARGS), pages)).toBe('GATEWAY_APPROVAL_NEEDED');
  });
});
