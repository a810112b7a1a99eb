import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { EXERCISES, type Exercise } from './exercises.ts';
import { keepScore } from './keep-score.ts';
import type { RealClient, Transport } from './real-client.ts';
import { firstHttpSdk, firstSdk, lastSdk, openSdkOne, type SdkOne } from './sdk-one.ts';
import { openSdkTwo, SDK_TWO } from './sdk-two.ts';
import { type Addresses, openServedGateway, type ServedGateway } from './served-gateway.ts';

interface Subject {
  readonly client: string;
  readonly transport: Transport;
  /** Of which era the server is that it reaches. */
  readonly server: 'legacy' | 'modern';
  readonly open: (addresses: Addresses) => Promise<RealClient>;
  /** Whether it asks for the list of tools before each call. */
  readonly listsAgain?: boolean;
  /** What it cannot, and why. */
  readonly cannot: Readonly<Partial<Record<NonNullable<Exercise['needs']>, string>>>;
}

const ONE_TRANSPORTS: readonly Transport[] = ['streamable HTTP', 'stdio', 'HTTP+SSE'];

const one = (
  version: string,
  sdk: () => Promise<SdkOne>,
  transports: readonly Transport[],
  cannot: Subject['cannot'] = {},
): Subject[] =>
  transports.flatMap((transport) =>
    (transport === 'streamable HTTP' ? (['legacy', 'modern'] as const) : (['modern'] as const)).map((server) => ({
      client: `SDK ${version}`,
      transport,
      server,
      open: async (addresses: Addresses) => openSdkOne(await sdk(), transport, addresses),
      cannot,
    })),
  );

const two = (era: 'legacy' | 'modern', transports: readonly Transport[], cannot: Subject['cannot'] = {}): Subject[] =>
  transports.map((transport) => ({
    client: `SDK ${SDK_TWO} (${era} era)`,
    transport,
    server: 'modern' as const,
    open: (addresses) => openSdkTwo(era, transport, addresses),
    listsAgain: era === 'modern',
    cannot,
  }));

const bridge = join(dirname(createRequire(import.meta.url).resolve('mcp-remote/package.json')), 'dist/proxy.js');

/** The newest SDK over stdio to the bridge, which speaks to the gateway over HTTP. */
const remote = (flags: readonly string[], cannot: Subject['cannot'] = {}): Subject => ({
  client: `SDK 1.32.2 with mcp-remote 0.15.1 ${flags.join(' ')}`,
  transport: 'stdio',
  server: 'modern',
  open: async (addresses) => {
    const address = flags.includes('sse-only') ? addresses.sse : addresses.http;
    const stdio = { ...addresses.stdio, args: [bridge, address, ...flags] };
    return openSdkOne(await lastSdk(), 'stdio', { ...addresses, stdio });
  },
  listsAgain: flags.includes('auto'),
  cannot,
});

const unborn = { elicitation: 'this version does not know elicitation' };

const SUBJECTS: readonly Subject[] = [
  ...one('1.0.0', firstSdk, ['stdio', 'HTTP+SSE'], {
    ...unborn,
    cancellation: 'this version says "cancelled" where the protocol says "notifications/cancelled"',
  }),
  ...one('1.10.0', firstHttpSdk, ONE_TRANSPORTS, unborn),
  ...one('1.32.2', lastSdk, ONE_TRANSPORTS),
  ...two('legacy', ONE_TRANSPORTS),
  ...two('modern', ['streamable HTTP', 'stdio'], {
    ping: 'the modern era has no ping',
    rootsNews: 'the modern era has no news of roots',
  }),
  remote(['--transport', 'http-only']),
  remote(['--transport', 'http-only', '--protocol', 'auto'], {
    cancellation: 'the bridge sends a notification where the modern era closes the stream',
    rootsNews: 'the modern era has no news of roots',
    watching: 'the bridge listens two seconds after it has told its client so',
  }),
  remote(['--transport', 'sse-only']),
];

keepScore();

const gateways: Partial<Record<Subject['server'], ServedGateway>> = {};

beforeAll(async () => {
  const [legacy, modern] = await Promise.all([openServedGateway('legacy'), openServedGateway('modern')]);
  Object.assign(gateways, { legacy, modern });
});

afterAll(async () => {
  await Promise.all(Object.values(gateways).map((served) => served[Symbol.asyncDispose]()));
});

for (const { client: name, transport, server, open, listsAgain = false, cannot } of SUBJECTS) {
  describe(`TypeScript ${name} over ${transport}, before a ${server} server`, () => {
    let client: RealClient;

    beforeAll(async () => {
      const { addresses, few } = gateways[server] as ServedGateway;
      client = await open(listsAgain ? few : addresses);
    });

    afterAll(() => client[Symbol.asyncDispose]());

    for (const { title, needs, isOfPages, run } of EXERCISES) {
      test(title, async ({ skip }) => {
        const why = needs && cannot[needs];
        if (why !== undefined) skip(why);
        if (!listsAgain || !isOfPages) return run(client);
        await using whole = await open((gateways[server] as ServedGateway).addresses);
        await run(whole);
      });
    }
  });
}
