import type { Redis } from 'ioredis';
import { StateError } from '../state-error.ts';
import type { RedisChannels } from './redis-channels.ts';
import type { RedisLink } from './redis-link.ts';

type Trial = (client: Redis, name: string) => Promise<unknown>;

/** What the store asks of the server, in its scripts too. */
const COMMANDS: Readonly<Record<string, Trial>> = {
  set: (client, key) => client.set(key, '0', 'PX', 1_000),
  get: (client, key) => client.get(key),
  mget: (client, key) => client.mget(key),
  exists: (client, key) => client.exists(key),
  getrange: (client, key) => client.getrange(key, 0, 0),
  incr: (client, key) => client.incr(key),
  pexpire: (client, key) => client.pexpire(key, 1_000),
  del: (client, key) => client.del(key),
  eval: (client) => client.eval('return 1', 0),
  info: (client) => client.info('server'),
  evalsha: (client) => client.evalsha('0'.repeat(40), 0),
};

/** The same over the connection that listens. */
const LISTENING: Readonly<Record<string, Trial>> = {
  subscribe: (client, channel) => client.subscribe(channel),
  unsubscribe: (client, channel) => client.unsubscribe(channel),
};

/**
 * Tries all that the store needs on a key and a channel of nobody's: who lacks some of it would find that out in the middle of a request.
 *
 * @throws GATEWAY_STATE with the rules that the access list of the user lacks.
 */
export async function mustBeAllowed(
  link: RedisLink,
  channels: Pick<RedisChannels, 'ask'>,
  prefix: string,
): Promise<void> {
  const trials = { ...COMMANDS, publish: (client: Redis) => client.publish(`${prefix}c:opened`, 'null') };
  const lacking = await Promise.all([
    link.ask((client) => lackingOf(client, trials, `${prefix}opened`, prefix)),
    channels.ask((client) => lackingOf(client, LISTENING, `${prefix}c:opened`, prefix)),
  ]);
  const rules = [...new Set(lacking.flat())];
  if (rules.length > 0) throw new StateError({ kind: 'forbidden', lacks: rules.join(' ') });
}

async function lackingOf(
  client: Redis,
  trials: Readonly<Record<string, Trial>>,
  name: string,
  prefix: string,
): Promise<readonly string[]> {
  const lacking = Object.entries(trials).map(([command, trial]) =>
    trial(client, name).then(
      () => [],
      ({ message }: Error) => (message.startsWith('NOPERM') ? [ruleFor(message, command, prefix)] : []),
    ),
  );
  return (await Promise.all(lacking)).flat();
}

/** All versions say whether it is the command, the key or the channel. */
function ruleFor(message: string, command: string, prefix: string): string {
  if (message.includes(' command')) return `+${command}`;
  return message.includes('channel') ? `&${prefix}*` : `~${prefix}*`;
}
