import { once } from 'node:events';
import { connect } from 'node:net';
import type { Comparison, Run } from '../figure.ts';
import { LOAD_MEASURES, loadContest, type Side } from '../load/contest.ts';
import { type Checkout, checkouts, startLockgate } from '../subjects/lockgate.ts';
import { startRedis } from '../subjects/redis.ts';
import { startProgram, temporaryFolder } from '../subjects/server-process.ts';

const PLENTY = 1_000_000_000;

/** What is beside the server in the configuration, and what is in the server's own section. */
interface Kind {
  readonly sections?: object;
  readonly server?: object;
}

const KINDS: Readonly<Record<string, Kind>> = {
  'without limits': {},
  'under one limit': { sections: { limits: { rate: { calls: PLENTY, per: 'minute', by: ['principal'] } } } },
  // Where anything is limited so, the monitor looks at the labels of all calls.
  'whose labels are looked at': { server: { 'tool-call-limits': { another: PLENTY } } },
};

/** How often a Redis has read from its clients since its start: once for a round trip, and for several of one gateway at once where they came together. */
async function readsOf(port: number): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  socket.end('INFO stats\r\n');
  let said = '';
  socket.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  await once(socket, 'close');
  return Number(/^total_reads_processed:(\d+)/m.exec(said)?.[1]);
}

/** What state in Redis costs a call: latency, processor time, and how often Redis is asked. */
function figureFor(kind: string, { sections, server: own }: Kind, clients: number): Comparison {
  return {
    name: `gateway-redis: a call ${kind} with state in Redis against one with state in memory, HTTP server of 2026, ${clients} client${clients > 1 ? 's' : ''}`,
    measures: [...LOAD_MEASURES, { key: 'roundTrips', title: 'round trips to Redis', unit: 'a call' }],
    setup: async (context) => {
      await using opening = new AsyncDisposableStack();
      const folder = opening.use(await temporaryFolder());
      const redis = opening.use(await startRedis(folder.path));
      const server = opening.use(await startProgram('echo-server', '2026'));
      const [here, ...others] = checkouts(context.against);
      const served = { ...sections, mcpServers: { echo: { url: server.url, ...own } } };
      const side = async (name: string, { main }: Checkout, state: object): Promise<Side> => {
        const process = opening.use(await startLockgate(main, folder.path, served, state));
        return {
          name,
          process,
          target: { to: { url: process.url, how: 'http' }, era: '2026', clients, tool: 'echo', text: '' },
        };
      };
      const inRedis = (name: string, checkout: Checkout, prefix: string): Promise<Side> =>
        side(name, checkout, { state: { redis: { url: redis.url, prefix } } });
      const sides: [Side, ...Side[]] = [await inRedis('in Redis', here, 'here:'), await side('in memory', here, {})];
      for (const other of others) sides.push(await inRedis(`in Redis, ${other.name}`, other, 'other:'));
      const note =
        'Redis on the same machine; what the gateways tell each other every two seconds is among the round trips';
      const contest = await loadContest(context, sides, opening.move(), { alike: true, note });
      const counted =
        (measured: Run): Run =>
        async () => {
          const [before, began] = [await readsOf(redis.port), performance.now()];
          const run = await measured();
          const seconds = (performance.now() - began) / 1_000;
          const reads = (await readsOf(redis.port)) - before - 1;
          return { ...run, roundTrips: reads / ((run.callsPerSecond ?? Number.NaN) * seconds) };
        };
      const none =
        (run: Run): Run =>
        async () => ({ ...(await run()), roundTrips: 0 });
      const references = Object.entries(contest.references).map(
        ([name, run]) => [name, name === 'in memory' ? none(run) : counted(run)] as const,
      );
      return {
        ...contest,
        subject: counted(contest.subject),
        references: Object.fromEntries(references),
        [Symbol.asyncDispose]: () => contest[Symbol.asyncDispose](),
      };
    },
  };
}

const figures: readonly Comparison[] = Object.entries(KINDS).flatMap(([name, kind]) =>
  [1, 16].map((clients) => figureFor(name, kind, clients)),
);

export default figures;
