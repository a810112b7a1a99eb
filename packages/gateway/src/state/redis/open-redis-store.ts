import { readFileSync } from 'node:fs';
import { Redis, type RedisOptions } from 'ioredis';
import type { RedisSection, RedisTlsSection } from '../../config/state-section.ts';
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
 * @throws GATEWAY_STATE where it cannot be reached within 2 seconds.
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
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

function read({ ca, cert, key }: RedisTlsSection = {}): { ca?: string; cert?: string; key?: string } {
  const text = (path: string): string => readFileSync(path, 'utf8');
  return {
    ...(ca !== undefined && { ca: text(ca) }),
    ...(cert !== undefined && { cert: text(cert) }),
    ...(key !== undefined && { key: text(key) }),
  };
}
