import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { QuickClient } from '../fixtures/quick-client.ts';
import { connect, textOf } from './clients.ts';
import { openWaitingApi } from './waiting-api.ts';

const examples = new URL('../../../../examples/plugins/dist/', import.meta.url).pathname;
const CLIENTS = 64;
const CALLS = 5_000;
const CALLS_WHILE_RELOADING = 2_000;

/** What a caller needs of a client; most are quick ones, every eighth is the SDK's. */
interface Caller {
  call(name: string, args: Record<string, unknown>): Promise<string>;
  close(): void | Promise<void>;
}

async function openCaller(url: string, index: number): Promise<Caller> {
  const era = index % 2 === 0 ? 'modern' : 'legacy';
  if (index % 8 > 1) return QuickClient.connect(url, era);
  const client = await connect(url, era);
  return {
    call: async (name, args) => textOf(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  };
}

/** Every client calls both plugins in turn, each time with an argument that only its own answer can fit. */
async function load(
  url: string,
  api: string,
  calls: number,
  during: (done: number) => void = () => {},
): Promise<string[]> {
  const wrong: string[] = [];
  let next = 0;
  let done = 0;
  const client = async (index: number): Promise<void> => {
    const caller = await openCaller(url, index);
    for (let call = next++; call < calls; call = next++) {
      const right = await (call % 2 === 0 ? countWords(caller, call) : fetchJson(caller, `${api}/item/${call}`));
      if (!right) wrong.push(`call ${call} of client ${index}`);
      during(++done);
    }
    await caller.close();
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, index) => client(index)));
  expect(done).toBe(calls);
  return wrong;
}

async function countWords(caller: Caller, call: number): Promise<boolean> {
  const words = 1 + (call % 977);
  const counted = await caller.call('textkit__count_words', { text: `w${call} `.repeat(words) });
  return JSON.parse(counted).words === words;
}

async function fetchJson(caller: Caller, url: string): Promise<boolean> {
  const answer = await caller.call('http-json__fetch_json', { url, fields: ['path'] });
  return answer.includes(`"${new URL(url).pathname}"`);
}

async function openGateway(textkit: string): Promise<Gateway & { url: string }> {
  const plugins = {
    textkit: { path: textkit, watch: true },
    'http-json': { path: join(examples, 'http-json.wasm'), http: { allow: ['127.0.0.1'] }, instances: { max: 2 } },
  };
  // The load begins once both are up, however busy the machine is.
  const gateway = await createGateway({ gateway: { listen: '127.0.0.1:0' }, plugins }, { startWindowMs: 120_000 });
  await gateway.started();
  return Object.assign(gateway, await gateway.listen());
}

test('64 clients at once get the right answer to each of 5,000 calls, some of which wait for HTTP', {
  timeout: 180_000,
}, async () => {
  await using api = await openWaitingApi();
  await using gateway = await openGateway(join(examples, 'textkit.wasm'));
  expect(await load(gateway.url, api.url, CALLS)).toEqual([]);
});

test('a plugin is replaced under that load without a failed call, and clients are told', {
  timeout: 180_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-reload-'));
  const path = join(folder, 'textkit.wasm');
  try {
    await copyFile(join(examples, 'textkit.wasm'), path);
    await using api = await openWaitingApi();
    await using gateway = await openGateway(path);
    await using listener = await connect(gateway.url, 'legacy');
    const told = Promise.withResolvers<void>();
    listener.setNotificationHandler('notifications/tools/list_changed', () => told.resolve());
    await listener.listTools();
    let replaced: Promise<void> | undefined;
    const wrong = await load(gateway.url, api.url, CALLS_WHILE_RELOADING, (done) => {
      if (done === CALLS_WHILE_RELOADING / 10) replaced = replace(path);
    });
    await replaced;
    await told.promise;
    expect(wrong).toEqual([]);
    expect(gateway.status().upstreams.find(({ name }) => name === 'textkit')?.restarts).toBe(1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** Another version with the same tools: the module with one custom section more. */
async function replace(path: string): Promise<void> {
  const section = Buffer.from([0, 8, 7, ...Buffer.from('version')]);
  await writeFile(`${path}.next`, Buffer.concat([await readFile(path), section]));
  await rename(`${path}.next`, path);
}
