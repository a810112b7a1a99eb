import type { RedisServer } from './redis-server.ts';

/**
 * How often Redis is asked for something while `act` runs, by command. What gateways ask at times of their own is left out: that they live, and how what they have passed on
 * to each other does; so is what a script does inside.
 */
export async function redisCommands(
  { control }: RedisServer,
  act: () => Promise<unknown>,
): Promise<Readonly<Record<string, number>>> {
  const monitor = await control.monitor();
  try {
    const asked: Record<string, number> = {};
    const mark = 'all that was asked before has been heard';
    const { promise: isHeard, resolve: heard } = Promise.withResolvers<void>();
    monitor.on('monitor', (_time: string, words: readonly string[], source: string) => {
      const [command = '', ...rest] = words;
      if (rest[0] === mark) heard();
      else if (source !== 'lua' && !isOfBeat(words))
        asked[command.toLowerCase()] = (asked[command.toLowerCase()] ?? 0) + 1;
    });
    await act();
    await control.echo(mark);
    await isHeard;
    return asked;
  } finally {
    monitor.disconnect();
  }
}

/** Whether it comes from the beat of a gateway, not from a request. */
function isOfBeat(words: readonly string[]): boolean {
  const [command = '', channel = '', message = ''] = words;
  if (command.toLowerCase() === 'publish')
    return channel.includes(':c:hearing:') || /"kind":"(?:open|missed|unknown)"/.test(message);
  return words.some((word) => word.includes(':r:replica:'));
}
