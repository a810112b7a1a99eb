import { Redis, type RedisOptions } from 'ioredis';
import type { RedisSection } from '../../config/state-section.ts';
import type { Logger } from '../../logger.ts';
import { StateError } from '../state-error.ts';
import type { StateStore } from '../state-store.ts';
import { RedisChannels } from './redis-channels.ts';
import { refusalInGreeting } from './redis-greeting.ts';
import { IS_REPLICA, OPERATION_MS, RedisLink } from './redis-link.ts';
import { mustBeAllowed } from './redis-permissions.ts';
import { MAX_PAUSE_MS } from './redis-run.ts';
import { RedisStore } from './redis-store.ts';
import { readRedisTls } from './redis-tls.ts';

/** How long a connection that is given up may take to end, in milliseconds. The client waits as long even where none is left, and a program that cannot start with it. */
const GIVEN_UP_MS = 100;

/** How long opening may take altogether, in milliseconds: several operations that each may take long, far away or on a machine with much to do. */
const OPENING_MS = 5 * OPERATION_MS;

/** Told what the server does when its memory is full: its "maxmemory-policy", or undefined where it does not say. */
export type OnPolicy = (policy: string | undefined) => void;

/**
 * Opens the state that gateways share in one Redis.
 *
 * @throws GATEWAY_STATE where it cannot be reached or does not answer within 2 seconds, has no such database, takes no writes, or does not let its user do what is needed;
 * GATEWAY_CONFIG where a PEM file cannot be used.
 */
export async function openRedisStore(
  { url, prefix, tls }: RedisSection,
  logger: Logger,
  onPolicy: OnPolicy = (policy) => warnOfEviction(policy, logger),
): Promise<StateStore> {
  const secured = url.startsWith('rediss:') ? readRedisTls(tls) : undefined;
  const options: Omit<RedisOptions, 'replyMapping'> = {
    lazyConnect: true,
    connectTimeout: OPERATION_MS,
    commandTimeout: OPERATION_MS,
    disconnectTimeout: GIVEN_UP_MS,
    // What was sent may have been carried out, and what was not is refused by the link with the reason.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // The channels listen again themselves, and then tell of the gap.
    autoResubscribe: false,
    retryStrategy: (tries) => Math.min(50 * tries, MAX_PAUSE_MS),
    // A server that has become a replica takes no writes: behind its address there is another one soon.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
    ...(secured && { tls: secured }),
  };
  const connect = (): Redis => new Redis(url, options);
  const channels = new RedisChannels(connect, `${prefix}c:`, logger);
  const link: RedisLink = new RedisLink(
    connect(),
    logger,
    (since) => channels.renew(since),
    (client, isThis) => store.meet(client, isThis),
  );
  const store: RedisStore = new RedisStore({ link, channels, prefix, logger });
  try {
    await inTime(link, async () => {
      await link.opened();
      await mustHaveDatabase(link, url);
      await mustBeAllowed(link, channels, prefix);
      // Together: what is far away takes its time for each.
      const [policy] = await Promise.all([
        evictionPolicy(link),
        store.open(),
        // What takes no writes would only be found out in the middle of a request.
        mustBePrimary(link),
        mustTakeWrites(link, prefix),
        store.hear(),
      ]);
      onPolicy(policy);
    });
  } catch (error) {
    await store.close();
    const refusal = isCut(error) ? await refusalInGreeting(url, secured) : undefined;
    throw refusal === undefined ? error : new StateError({ kind: 'unreachable', reason: refusal }, { cause: error });
  }
  return store;
}

/** The client goes on in database 0 where the server has none of this number: two teams would share what they meant to keep apart. */
async function mustHaveDatabase(link: RedisLink, url: string): Promise<void> {
  const number = Number(new URL(url).pathname.slice(1));
  if (number === 0) return;
  await link.ask((client) =>
    client.select(number).catch((error: Error) => {
      if (!error.message.startsWith('ERR ')) throw error;
      throw new Error(`it has no database ${number}`, { cause: error });
    }),
  );
}

/** A replica that takes writes loses them with the next that its primary sends. Who may not ask finds out when it writes. */
async function mustBePrimary(link: RedisLink): Promise<void> {
  const [role] = await link.ask((client) => client.role().catch(() => []));
  if (role === 'slave') throw new StateError({ kind: 'unreachable', reason: IS_REPLICA });
}

/** A server that is full, or has no room on its disk, is none to be refused: it takes writes again by itself. */
async function mustTakeWrites(link: RedisLink, prefix: string): Promise<void> {
  await link.ask((client) =>
    client.set(`${prefix}opened`, '', 'PX', 1).catch((error: Error) => {
      if (error.message.startsWith('READONLY')) throw error;
    }),
  );
}

/** The connection was there, and was ended before anything was answered. */
function isCut(error: unknown): boolean {
  return (
    error instanceof StateError &&
    error.problem.kind === 'unreachable' &&
    /^(?:ECONNRESET|EPIPE|DENIED|the connection was lost|Connection is closed)/.test(error.problem.reason)
  );
}

/** Each operation has its own bound; this is that of all together. */
async function inTime(link: RedisLink, work: () => Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(link.late()), OPENING_MS);
  try {
    await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function evictionPolicy(link: RedisLink): Promise<string | undefined> {
  const memory = await link.ask((client) => client.info('memory').catch(() => ''));
  return /^maxmemory_policy:(\S+)/m.exec(memory)?.[1];
}

/** Where it does not say, nobody is warned. */
function warnOfEviction(policy: string | undefined, logger: Logger): void {
  if (policy === undefined || policy === 'noeviction') return;
  logger.warn(
    { policy },
    'the state store may remove labels of agents to make room: set its "maxmemory-policy" to "noeviction"',
  );
}
