import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGateway, type Gateway } from '@lockgate/gateway';
import { componentServerGuest, serverGuest } from '@lockgate/testkit';
import type { Draw } from './draw.ts';
import { ServerClient } from './server-client.ts';
import type { Tally } from './tally.ts';

const CALLERS = 64;
/** So many calls are between one build of all servers and the next. */
const RELOAD_CALLS = 500;
const LOOK_MS = 20;
/** Over HTTP one that floods an answer keeps its thread until it is ended. */
const FLOOD_MS = 2_000;
const LARGEST_BYTES = 400_000;
const MIB = 1_048_576;

/** Of the calls of a server that goes wrong, so many do it: one in twenty, or fewer where all callers soon wait for the end of it. */
const BAD_SHARE = 0.05;
const SLOWLY_BAD_SHARE = 0.005;

/** Each with the tool by which it goes wrong, if it does, and how often. */
const SERVERS: Readonly<Record<string, { readonly bad?: string; readonly share?: number; readonly entry?: object }>> = {
  steady: {},
  trapping: { bad: 'trap' },
  exiting: { bad: 'exit' },
  looping: { bad: 'loop', share: SLOWLY_BAD_SHARE, entry: { callTimeoutMs: 1_000 } },
  greedy: { bad: 'greedy', entry: { limits: { memoryCeilingBytes: 16 * MIB } } },
  flooding: { bad: 'flood', share: SLOWLY_BAD_SHARE, entry: { callTimeoutMs: FLOOD_MS } },
  chattering: { bad: 'chatter', share: SLOWLY_BAD_SHARE, entry: { callTimeoutMs: FLOOD_MS } },
};
const NAMES = Object.keys(SERVERS);
const STEADY_SHARE = 0.5;

/** What is served, by what it is built as. */
const BUILDERS: Readonly<Record<ServerKind, (version: string) => Uint8Array>> = {
  server: (version) => serverGuest(undefined, version),
  'server-run': (version) => componentServerGuest('run', undefined, version),
  'server-http': (version) => componentServerGuest('http', undefined, version),
};
/** What callers of a server are told that goes wrong now and then: that it went away, and then that it is down. */
const isAway = /^Server "\w+" /;

/** Commands of WASI preview 1, or components that export `wasi:cli/run`, or `wasi:http/incoming-handler`. */
export type ServerKind = 'server' | 'server-run' | 'server-http';

/** What one run needs. */
export interface ServersRun {
  readonly kind: ServerKind;
  readonly calls: number;
  readonly draw: Draw;
  readonly tally: Tally;
  /** Takes what is wrong, in sentences. */
  readonly complain: (problem: string) => void;
}

/**
 * Hammers on whole servers behind a gateway in this process, of which all but one go wrong now and then, while all of them are built anew and reloaded. Whoever
 * calls one that has gone wrong has to be told so ("aborted" in the table); everything else has to get its own answer. Answers how many versions were built.
 */
export async function hammerServers({ kind: builtAs, calls, draw, tally, complain }: ServersRun): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'lockgate-hammer-'));
  let version = 1;
  const build = (): void => {
    const bytes = BUILDERS[builtAs](`${version}`);
    for (const name of NAMES) {
      writeFileSync(join(folder, `${name}.new`), bytes);
      renameSync(join(folder, `${name}.new`), join(folder, `${name}.wasm`));
    }
  };
  build();
  const gateway = await createGateway({ mcpServers: entries(folder) }, { startWindowMs: 60_000 });
  await gateway.started();
  const client = new ServerClient(gateway);
  let isUp = upOf(gateway);
  const looking = setInterval(() => {
    isUp = upOf(gateway);
  }, LOOK_MS);
  try {
    let next = 0;
    const caller = async (): Promise<void> => {
      for (let call = next++; call < calls; call = next++) {
        if (call % RELOAD_CALLS === RELOAD_CALLS - 1) {
          version += 1;
          build();
        }
        await one(call);
      }
    };
    const one = async (call: number): Promise<void> => {
      const place = draw(call, 'kind');
      const chosen =
        place < STEADY_SHARE ? 'steady' : (NAMES[1 + Math.floor(draw(call, 'moment') * (NAMES.length - 1))] as string);
      const server = isUp.has(chosen) ? chosen : 'steady';
      const { bad, share = BAD_SHARE } = SERVERS[server] ?? {};
      if (bad !== undefined && draw(call, 'abort') < share) return await goWrong(call, server, bad);
      const message = `${call}-`.padEnd(
        call % 50 === 0 ? Math.ceil(draw(call, 'size') * LARGEST_BYTES) : 0,
        'huge output ',
      );
      const kind = `${server}, ${message.length > 1_000 ? 'huge' : 'say'}`;
      const answer = await client.call(`${server}__say`, { message });
      if ('error' in answer && bad !== undefined && isAway.test(answer.error)) tally.count(kind, 'aborted');
      else if ('text' in answer && answer.text === message) tally.count(kind, 'right');
      else tally.complain(kind, call, 'error' in answer ? answer.error : 'an answer of another call');
    };
    const goWrong = async (call: number, server: string, tool: string): Promise<void> => {
      const answer = await client.call(`${server}__${tool}`, {});
      const kind = `${server}, ${tool}`;
      if ('error' in answer && /"\w+"|within \d+ ms/.test(answer.error)) tally.count(kind, 'right');
      else tally.complain(kind, call, 'error' in answer ? answer.error : 'it was answered');
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    const { queued, steady } = await settled(gateway, client);
    if (queued > 0) complain(`${queued} calls have no answer, and all have ended`);
    if (steady !== 0) complain(`the server that did nothing wrong was restarted ${steady} times`);
  } finally {
    clearInterval(looking);
    await client.close();
    await gateway.close();
    rmSync(folder, { recursive: true });
  }
  return version;
}

function entries(folder: string): Record<string, { readonly wasm: string }> {
  const breaker = { failures: 1_000_000 };
  return Object.fromEntries(
    NAMES.map((name) => [name, { wasm: join(folder, `${name}.wasm`), watch: true, breaker, ...SERVERS[name]?.entry }]),
  );
}

function upOf(gateway: Gateway): ReadonlySet<string> {
  return new Set(gateway.status().upstreams.flatMap(({ name, state }) => (state === 'running' ? [name] : [])));
}

async function settled(
  gateway: Gateway,
  client: ServerClient,
): Promise<{ readonly queued: number; readonly steady: number }> {
  const { restarts = 0 } = gateway.status().upstreams.find(({ name }) => name === 'steady') ?? {};
  return { queued: client.open, steady: restarts };
}
