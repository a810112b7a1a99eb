import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { callFrame, openModernHttp, openPipe, openSession, type RawClient } from '../fixtures/raw-client.ts';
import {
  type Answer,
  type Received,
  type Script,
  serveScriptedHttp,
  serveScriptedProgram,
} from '../fixtures/raw-server.ts';
import { LockgateProcess } from './lockgate-process.ts';

const SERVERS = ['http2025', 'http2026', 'pipe2025', 'pipe2026'] as const;

/** Calls that have arrived and wait until the test lets each be answered. */
class HeldCalls implements Script {
  readonly #held = new Map<unknown, () => void>();
  #arrived: PromiseWithResolvers<void> = Promise.withResolvers();

  call = async ({ args, progressToken }: Received): Promise<Answer> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held.set(args, resolve);
    this.#arrived.resolve();
    await promise;
    const progress = `{"progressToken":${progressToken},"progress":1,"of":${args}}`;
    return {
      body: `"result":{"content":[],"of":${args}}`,
      before: [`{"jsonrpc":"2.0","method":"notifications/progress","params":${progress}}`],
    };
  };

  async arrived(count: number): Promise<void> {
    while (this.#held.size < count) {
      await this.#arrived.promise;
      this.#arrived = Promise.withResolvers();
    }
  }

  release(args: unknown): void {
    this.#held.get(args)?.();
    this.#held.delete(args);
  }
}

const calls = new HeldCalls();
const open = new AsyncDisposableStack();
let url = '';
let mcpServers: Record<string, object>;

beforeAll(async () => {
  const program = async (era: 'legacy' | 'modern') => {
    const { command, args } = open.use(await serveScriptedProgram(era, calls));
    return { command, args };
  };
  mcpServers = {
    http2025: { url: open.use(await serveScriptedHttp('legacy', calls)).url },
    http2026: { url: open.use(await serveScriptedHttp('modern', calls)).url },
    pipe2025: await program('legacy'),
    pipe2026: await program('modern'),
  };
  const gateway = open.use(
    await createGateway({ gateway: { listen: '127.0.0.1:0' }, mcpServers: mcpServers as never }),
  );
  await gateway.started();
  ({ url } = await gateway.listen());
});

afterAll(() => open.disposeAsync());

const told = (of: number) => `{"progressToken":1,"progress":1,"of":${of}}`;

test.each(SERVERS)(
  'calls with equal ids and tokens are kept apart, in whatever order they are answered (%s)',
  async (server) => {
    const own = `${url}/${server}`;
    const clients: RawClient[] = [await openSession(own), await openSession(own), await openModernHttp(own, 'any')];
    const order = fc
      .array(fc.nat({ max: clients.length - 1 }), { minLength: 2, maxLength: 6 })
      .chain((who) => fc.tuple(fc.constant(who), fc.shuffledSubarray([...who.keys()], { minLength: who.length })));
    await fc.assert(
      fc.asyncProperty(order, async ([who, answered]) => {
        const exchanges = who.map((client, at) => {
          const { era, exchange } = clients[client] as RawClient;
          return exchange(callFrame(era, '1', 'any', `${at}`, ['"progressToken":1']), '1');
        });
        await calls.arrived(who.length);
        for (const at of answered) calls.release(at);
        for (const [at, frames] of (await Promise.all(exchanges)).entries()) {
          expect(frames).toHaveLength(2);
          expect(frames[0]).toBe(`{"jsonrpc":"2.0","method":"notifications/progress","params":${told(at)}}`);
          expect(frames[1]).toMatch(
            new RegExp(`^\\{"jsonrpc":"2.0","id":1,"result":\\{"content":\\[\\],"of":${at}[,}]`),
          );
        }
      }),
      { numRuns: 25 },
    );
  },
);

test.each(['legacy', 'modern'] as const)(
  'a client over a pipe (%s) that uses one id twice gets both answers',
  async (era) => {
    await using lockgate = await LockgateProcess.start({
      config: { mcpServers },
      args: ['--stdio', '--server', 'pipe2025'],
    });
    const client = await openPipe(era, lockgate.child.stdin, lockgate.child.stdout);
    const both = [0, 1].map((at) => callFrame(era, '1', 'any', `${at}`));
    lockgate.child.stdin.write(`${both.join('\n')}\n`);
    await calls.arrived(2);
    for (const at of [1, 0]) calls.release(at);
    const answers = [await client.flow.until('1'), await client.flow.until('1')];
    const found = answers.map((frames) => /"of":(\d)/.exec(frames.at(-1) ?? '')?.[1]);
    expect(found.sort()).toEqual(['0', '1']);
  },
);
