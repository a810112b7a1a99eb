import { guardGuest } from '@lockgate/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LockgateFile } from '../../src/config/schema.ts';
import { beginSession, callFrame, framesOf, modernHeaders } from '../fixtures/raw-client.ts';
import { Line } from '../state/redis/line.ts';
import { noRedis, RedisServer } from '../state/redis/redis-server.ts';
import { serveData } from './data-server.ts';
import { moduleFiles, servedGateway } from './guarded-files.ts';

// What clients of both eras see of a Redis that fails, as docs/scaling.md says: in front of a gateway with limits and of one with guards.

type Outcome = 'right' | 'GATEWAY_STATE' | 'lost' | '404' | '503';
type Outcomes = Record<'plain' | 'limited' | 'guarded' | 'new session', Outcome>;

const RIGHT: Outcomes = { plain: 'right', limited: 'right', guarded: 'right', 'new session': 'right' };
const AWAY: Outcomes = { ...RIGHT, limited: 'GATEWAY_STATE', guarded: 'GATEWAY_STATE', 'new session': '503' };
/** Nothing new is read by the guarded call. */
const TAKES_NO_WRITES: Outcomes = { ...RIGHT, limited: 'GATEWAY_STATE', 'new session': '503' };

const LABELS = { secrecy: ['private'], integrity: [] };
const INITIALIZE =
  '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}';
const GIVE = '{"data":"given"}';

type Headers = Record<string, string>;
type Served = Awaited<ReturnType<typeof servedGateway>>;

let owned: AsyncDisposableStack;
let redis: RedisServer;
let line: Line;
let withLimits: Served;
let withGuards: Served;
let sessions: { limits: Headers; guards: Headers };

async function beginSessions(): Promise<void> {
  sessions = { limits: await beginSession(withLimits.url), guards: await beginSession(withGuards.url) };
}

beforeAll(async () => {
  if (noRedis !== undefined) return;
  owned = new AsyncDisposableStack();
  redis = owned.use(await RedisServer.start('--appendonly', 'yes', '--appendfsync', 'always'));
  line = owned.use(await Line.to(redis.port));
  const data = owned.use(await serveData());
  const answers = {
    label_agent: { agent: LABELS, difc_mode: 'propagate' },
    label_resource: { resource: { description: '', ...LABELS }, operation: 'read' },
  };
  const { guard } = moduleFiles({ guard: guardGuest({ answers }) });
  const gateway = { listen: '127.0.0.1:0', state: { redis: { url: line.url, prefix: 'trouble:' } } };
  const limits = { many: { calls: 10_000, per: 'day', tools: ['limited/*'] } };
  withLimits = owned.use(
    await servedGateway({
      gateway,
      limits,
      mcpServers: { plain: { url: data.url }, limited: { url: data.url } },
    } as LockgateFile),
  );
  withGuards = owned.use(
    await servedGateway({
      gateway: { ...gateway, state: { redis: { url: line.url, prefix: 'trouble with guards:' } } },
      guards: { labels: { path: guard } },
      mcpServers: { guarded: { url: data.url, guard: 'labels' } },
    } as LockgateFile),
  );
  await beginSessions();
  expect(await seen('legacy')).toEqual(RIGHT);
  expect(await seen('modern')).toEqual(RIGHT);
});
afterAll(async () => {
  await owned?.disposeAsync();
});

async function outcomeOf(sent: Promise<Response>): Promise<Outcome> {
  const response = await sent;
  if (response.status === 404 || response.status === 503) {
    const text = await response.text();
    if (response.status === 503) expect(text).toMatch(/state store/);
    return String(response.status) as Outcome;
  }
  const told = (await framesOf(response)).at(-1) ?? '';
  if (/given|protocolVersion/.test(told)) return 'right';
  expect(told).toMatch(/state store/);
  return /has lost its records/.test(told) ? 'lost' : 'GATEWAY_STATE';
}

async function seen(era: 'legacy' | 'modern'): Promise<Outcomes> {
  const call = (url: string, session: Headers, name: string): Promise<Outcome> => {
    const headers = era === 'legacy' ? session : modernHeaders(name);
    return outcomeOf(fetch(url, { method: 'POST', headers, body: callFrame(era, '1', name, GIVE) }));
  };
  const { 'mcp-session-id': _none, ...headers } = sessions.limits;
  const [plain, limited, guarded, begun] = await Promise.all([
    call(withLimits.url, sessions.limits, 'plain__give'),
    call(withLimits.url, sessions.limits, 'limited__give'),
    call(withGuards.url, sessions.guards, 'guarded__give'),
    outcomeOf(fetch(withLimits.url, { method: 'POST', headers, body: INITIALIZE })),
  ]);
  return { plain, limited, guarded, 'new session': begun };
}

/** Asked again until it is so: Redis answers within two seconds or not at all, and on a machine that has too much to do it may not. */
const both = (): Promise<Outcomes[]> => Promise.all([seen('legacy'), seen('modern')]);
const toTakeWrites = async (): Promise<void> => {
  await redis.control.config('SET', 'stop-writes-on-bgsave-error', 'no');
};

/** What befalls Redis, what clients see of it, and how it ends. */
const TROUBLES: readonly (readonly [string, Outcomes, () => unknown, () => unknown])[] = [
  [
    'is slow by 50 ms',
    RIGHT,
    () => void Object.assign(line, { delayMs: 25 }),
    () => void Object.assign(line, { delayMs: 0 }),
  ],
  [
    'is full',
    TAKES_NO_WRITES,
    () => redis.control.config('SET', 'maxmemory', '1'),
    () => redis.control.config('SET', 'maxmemory', '0'),
  ],
  [
    'has become a replica',
    TAKES_NO_WRITES,
    () => redis.control.replicaof('127.0.0.1', 1),
    () => redis.control.call('REPLICAOF', 'NO', 'ONE'),
  ],
  // As it is for its clients while CLIENT PAUSE holds.
  ['answers nothing', AWAY, () => redis.stall(), () => redis.goOn()],
  ['is killed, and started again with its disk', AWAY, () => redis.kill(), () => redis.startAgain()],
  ['has no room on its disk', TAKES_NO_WRITES, () => redis.loseDisk(), toTakeWrites],
];

describe.skipIf(noRedis !== undefined)('clients of both eras of a gateway whose Redis', () => {
  test.each(TROUBLES)(
    '%s see what the documentation says, and are served afterwards without a restart',
    async (_trouble, expected, begin, end) => {
      await begin();
      await expect.poll(both, { interval: 50 }).toEqual([expected, expected]);
      await end();
      await expect.poll(both, { interval: 50 }).toEqual([RIGHT, RIGHT]);
    },
  );

  test('cannot forget a session are told so when they end it, and may try again', async () => {
    const { url } = withLimits;
    const headers = await beginSession(url);
    const end = async (): Promise<number> => (await fetch(url, { method: 'DELETE', headers })).status;
    const call = (): Promise<Outcome> =>
      outcomeOf(fetch(url, { method: 'POST', headers, body: callFrame('legacy', '1', 'plain__give', GIVE) }));
    await redis.control.replicaof('127.0.0.1', 1);
    await expect.poll(async () => [await end(), await call()], { interval: 50 }).toEqual([503, 'right']);
    await redis.control.call('REPLICAOF', 'NO', 'ONE');
    await expect.poll(end, { interval: 50 }).toBe(200);
    expect(await call()).toBe('404');
  });

  test('was emptied begin new sessions, and get nothing guarded until the operator resets the caller', async () => {
    await redis.control.flushall();
    const lost: Outcomes = { ...RIGHT, guarded: 'lost' };
    await expect.poll(() => seen('modern'), { interval: 50 }).toEqual(lost);
    await expect
      .poll(() => seen('legacy'), { interval: 50 })
      .toMatchObject({
        plain: '404',
        limited: '404',
        guarded: '404',
        'new session': 'right',
      });
    await beginSessions();
    await expect.poll(both, { interval: 50 }).toEqual([lost, lost]);
    expect(await withGuards.gateway.resetCaller('anonymous')).toBe(true);
    await expect.poll(both, { interval: 50 }).toEqual([RIGHT, RIGHT]);
  });
});
