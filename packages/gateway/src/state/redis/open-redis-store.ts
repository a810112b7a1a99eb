import { readFileSync } from 'node:fs';
import { Redis, type RedisOptions } from 'ioredis';
import { ConfigError } from '../../config/config-error.ts';
import type { RedisSection, RedisTlsSection } from '../../config/state-section.ts';
import { whyUnreadable } from '../../config/why-unreadable.ts';
import type { Logger } from '../../logger.ts';
import type { StateStore } from '../state-store.ts';
import { RedisChannels } from './redis-channels.ts';
import { OPERATION_MS, RedisLink } from './redis-link.ts';
import { RedisStore } from './redis-store.ts';

/** Longest pause between two tries to reach a server that is away. */
const MAX_PAUSE_MS = 1_000;

/**
 * Opens the state that gateways share in one Redis.
 *
 * @throws GATEWAY_STATE where it cannot be reached within 2 seconds, has no such database, or does not let its user publish; GATEWAY_CONFIG where a PEM file
 * cannot be read.
 */
export async function openRedisStore({ url, prefix, tls }: RedisSection, logger: Logger): Promise<StateStore> {
  const options: Omit<RedisOptions, 'replyMapping'> = {
    lazyConnect: true,
    connectTimeout: OPERATION_MS,
    commandTimeout: OPERATION_MS,
    // What was sent may have been carried out, and what was not is refused by the link with the reason.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // The channels listen again themselves, and then tell of the gap.
    autoResubscribe: false,
    retryStrategy: (tries) => Math.min(50 * tries, MAX_PAUSE_MS),
    // A server that has become a replica takes no writes: behind its address there is another one soon.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
    ...(url.startsWith('rediss:') && { tls: read(tls) }),
  };
  const connect = (): Redis => new Redis(url, options);
  const channels = new RedisChannels(connect, `${prefix}c:`, logger);
  const link = new RedisLink(connect(), logger, (since) => channels.renew(since));
  const store = new RedisStore({ link, channels, prefix, logger });
  try {
    await store.open();
    await mustHaveDatabase(link, url);
    // Users of an access list may have keys and no channels, and would only find out in the middle of a request.
    await store.publish('opened', null);
    await warnOfEviction(link, logger);
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

function read({ ca, cert, key }: RedisTlsSection = {}): { ca?: string; cert?: string; key?: string } {
  const text = (name: string, path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      const place = ['gateway', 'state', 'redis', 'tls', name];
      throw new ConfigError('configuration', [{ place, message: whyUnreadable(error, path) }], { cause: error });
    }
  };
  return {
    ...(ca !== undefined && { ca: text('ca', ca) }),
    ...(cert !== undefined && { cert: text('cert', cert) }),
    ...(key !== undefined && { key: text('key', key) }),
  };
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

/** Who may not ask is not warned. */
async function warnOfEviction(link: RedisLink, logger: Logger): Promise<void> {
  const memory = await link.ask((client) => client.info('memory').catch(() => ''));
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? 'noeviction';
  if (policy === 'noeviction') return;
  logger.warn(
    { policy },
    'the state store may remove labels of agents to make room: set its "maxmemory-policy" to "noeviction"',
  );
}
