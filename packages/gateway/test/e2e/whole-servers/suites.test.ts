import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flow, type ModuleSubject, moduleSuites, serverGuest, setPatience, type ToolBody } from '@lockgate/testkit';
import { testApi } from '@lockgate/testkit/vitest';
import { afterAll, beforeAll, describe } from 'vitest';
import { LocalClient } from '../../../src/cli/local-client.ts';
import { createGateway } from '../../fixtures/patient-gateway.ts';

const TOOLS: Readonly<Record<string, ToolBody>> = {
  echo: ({ answerMessage }) => answerMessage(),
  count: ({ answerCount }) => answerCount(),
  'no-such-tool': ({ answer }) => answer({ content: [{ type: 'text', text: 'no such tool' }], isError: true }),
  misbehave: () => [flow.trap('void')],
};

const supports = {
  http: 'a command of WASI preview 1 has no network',
  guestLog: 'what a server writes to stderr comes beside its answers, in no order with them',
  signal: 'an abort is a message to the server, which may go on',
  onStart: 'a server has no lock that a call would wait for: it orders what it reads itself',
  questions: 'what a server is and offers it says in its handshake and lists',
  configure: 'a server has its settings from "args" and "env", when it starts',
  reentry: 'nothing leads from inside a server back to the gateway',
  afterClose: 'the session of a client ends with the gateway, and with it what it waits for',
  turnsAway: 'the session of a client ends with the gateway, and with it what it waits for',
  liveBlocks: 'its memory is its own affair: nobody outside allocates in it',
  leaks: 'its memory is its own affair: nobody outside frees in it',
  warnings: 'its memory is its own affair: nobody outside frees in it',
  pool: 'there is one of it',
} as const;

interface Answer {
  readonly content: readonly { readonly text: string }[];
  readonly isError?: boolean;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockgate-suites-'));
  await writeFile(join(folder, 's.wasm'), serverGuest(TOOLS));
});
afterAll(() => rm(folder, { recursive: true }));

// Each test starts a gateway, and some wait until a server is started again: on a busy machine that takes its time.
setPatience(60_000);

/** A gateway with the server, and a client of it that calls while the server is up, as clients may who look at its tools. */
async function create(): Promise<ModuleSubject> {
  const gateway = await createGateway({
    mcpServers: { s: { wasm: join(folder, 's.wasm'), breaker: { failures: 1_000 }, prefix: '' } },
  });
  await gateway.started();
  const client = new LocalClient();
  const served = gateway.serveStdio({ transport: client });
  const isUp = (): boolean => gateway.status().upstreams[0]?.state === 'running';
  const close = async (): Promise<void> => {
    await client.close();
    await served;
    await gateway.close();
  };
  let closing: Promise<void> | undefined;
  const closeOnce = (): Promise<void> => {
    closing ??= close();
    return closing;
  };
  return {
    execute: async (name, args) => {
      while (!isUp() && closing === undefined) await new Promise(setImmediate);
      const { content, isError = false } = (await client.request('tools/call', {
        name,
        arguments: args,
      })) as unknown as Answer;
      const [first] = content;
      if (isError && first?.text.startsWith('Server "s"')) throw new Error(first.text);
      return { data: first?.text ?? '', isError };
    },
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  };
}

describe('a whole server', () => {
  moduleSuites(testApi, { create, supports });
});
