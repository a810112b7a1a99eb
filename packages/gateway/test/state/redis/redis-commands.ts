import { connect } from 'node:net';
import type { RedisServer } from './redis-server.ts';

/**
 * How often Redis is asked for something while `act` runs, by command. What gateways ask at times of their own is left out: that they live, and how what they have passed on
 * to each other does; so is what a script does inside.
 */
export async function redisCommands(
  server: RedisServer,
  act: () => Promise<unknown>,
): Promise<Readonly<Record<string, number>>> {
  const asked: Record<string, number> = {};
  const mark = 'all that was asked before has been heard';
  const { promise: isHeard, resolve: heard } = Promise.withResolvers<void>();
  await using _monitor = await monitor(server.port, (words, source) => {
    const [command = '', ...rest] = words;
    if (rest[0] === mark) heard();
    else if (source !== 'lua' && !isOfBeat(words))
      asked[command.toLowerCase()] = (asked[command.toLowerCase()] ?? 0) + 1;
  });
  await act();
  await server.control.echo(mark);
  await isHeard;
  return asked;
}

/** Without the client of ioredis, which fails where somebody asks for something in the moment in which it begins. */
async function monitor(
  port: number,
  saw: (words: readonly string[], source: string) => void,
): Promise<AsyncDisposable> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  const { promise: hasBegun, resolve: begun, reject } = Promise.withResolvers<void>();
  socket.on('error', reject);
  let rest = '';
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '+OK') begun();
      const [, source = '', words = ''] = /^\+[\d.]+ \[\d+ (\S+)\] (.*)$/.exec(line) ?? [];
      if (words !== '')
        saw(
          [...words.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) => word.replaceAll(/\\(.)/g, '$1')),
          source,
        );
    }
  });
  socket.write('MONITOR\r\n');
  await hasBegun;
  return { [Symbol.asyncDispose]: async () => void socket.destroy() };
}

/** Whether it comes from the beat of a gateway, not from a request. */
function isOfBeat(words: readonly string[]): boolean {
  const [command = '', channel = '', message = ''] = words;
  if (command.toLowerCase() === 'publish')
    return channel.includes(':c:hearing:') || /"kind":"(?:open|missed|unknown)"/.test(message);
  return words.some((word) => word.includes(':r:replica:'));
}
