import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { flow, i32, serverGuest, versionGuest, WasmBuilder, call as wasmCall } from '@lockgate/testkit';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Gateway } from '../../../src/gateway.ts';
import type { Logger } from '../../../src/logger.ts';
import { createGateway } from '../../fixtures/patient-gateway.ts';
import { connect, textOf } from '../clients.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockgate-whole-'));
  path = join(folder, 'server.wasm');
});

afterEach(() => rm(folder, { recursive: true }));

/** Puts a version in place as build tools do: in one step. */
async function build(bytes: Uint8Array): Promise<void> {
  await writeFile(`${path}.new`, bytes);
  await rename(`${path}.new`, path);
}

/** A server that does not start. */
function serverThatLeaves(): Uint8Array {
  const wasm = new WasmBuilder();
  const wasi = 'wasi_snapshot_preview1';
  const write = wasm.import(wasi, 'fd_write', ['i32', 'i32', 'i32', 'i32'], 'i32');
  const exit = wasm.import(wasi, 'proc_exit', ['i32'], 'void');
  const { pointer, byteLength } = wasm.text('the lights are off\n');
  const vector = wasm.reserve(12).pointer;
  wasm.function({ params: [], result: 'void', export: '_start' }, () => [
    i32.store(i32.const(vector), i32.const(pointer)),
    i32.store(i32.const(vector + 4), i32.const(byteLength)),
    flow.drop(wasmCall(write, i32.const(2), i32.const(vector), i32.const(1), i32.const(vector + 8))),
    wasmCall(exit, i32.const(3)),
  ]);
  return wasm.build();
}

/** A server that hears one request, and then does what it is told with some words on stdout. */
function serverThat(what: 'closes stdout' | 'exits'): Uint8Array {
  const wasm = new WasmBuilder();
  const wasi = 'wasi_snapshot_preview1';
  const io = (name: string) => wasm.import(wasi, name, ['i32', 'i32', 'i32', 'i32'], 'i32');
  const [write, read] = [io('fd_write'), io('fd_read')];
  const close = wasm.import(wasi, 'fd_close', ['i32'], 'i32');
  const exit = wasm.import(wasi, 'proc_exit', ['i32'], 'void');
  const half = wasm.text('{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":');
  const into = wasm.reserve(4_096).pointer;
  const vector = wasm.reserve(12).pointer;
  const transfer = (call: ReturnType<typeof io>, fd: number, pointer: number, byteLength: number) => [
    i32.store(i32.const(vector), i32.const(pointer)),
    i32.store(i32.const(vector + 4), i32.const(byteLength)),
    flow.drop(wasmCall(call, i32.const(fd), i32.const(vector), i32.const(1), i32.const(vector + 8))),
  ];
  wasm.function({ params: [], result: 'void', export: '_start' }, () => [
    ...transfer(read, 0, into, 4_096),
    ...(what === 'exits'
      ? [...transfer(write, 1, half.pointer, half.byteLength), wasmCall(exit, i32.const(5))]
      : [flow.drop(wasmCall(close, i32.const(1))), ...transfer(read, 0, into, 4_096)]),
  ]);
  return wasm.build();
}

interface Opened extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly url: string;
  /** What was logged, as JSON. */
  readonly said: readonly string[];
}

/** A gateway with the hand-made server in it. */
async function open(entry: object = {}, startWindowMs = 20_000): Promise<Opened> {
  const said: string[] = [];
  const say = (facts: object, sentence: string): void => void said.push(JSON.stringify({ ...facts, sentence }));
  const logger: Logger = { debug: say, info: say, warn: say, error: say };
  const mcpServers = { s: { wasm: path, ...entry } };
  const gateway = await createGateway({ gateway: { listen: '127.0.0.1:0' }, mcpServers }, { logger, startWindowMs });
  await gateway.started();
  const { url } = await gateway.listen();
  return { gateway, url, said, [Symbol.asyncDispose]: () => gateway.close() };
}

type Connected = Awaited<ReturnType<typeof connect>>;
const call = (client: Connected, tool: string) => client.callTool({ name: `s__${tool}`, arguments: {} });
const failureOf = (client: Connected, tool: string): Promise<string> =>
  call(client, tool).then(textOf, (error: Error) => error.message);
const isBack = (client: Connected): Promise<void> => expect.poll(() => failureOf(client, 'echo')).toBe('echo of 1');

describe('a whole server in a thread', () => {
  test('is served as any server is', async () => {
    await build(serverGuest());
    await using opened = await open();
    await using client = await connect(opened.url);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('s__echo');
    const answers = await Promise.all(Array.from({ length: 50 }, () => call(client, 'echo')));
    expect(new Set(answers.map(textOf))).toEqual(new Set(['echo of 1']));
    expect(opened.gateway.status().upstreams).toMatchObject([{ name: 's', state: 'running', restarts: 0 }]);
  });

  test.each([
    ['trap', /it trapped: unreachable; its last words are in the log, at debug/],
    ['exit', /it exited with code 3/],
    [
      'greedy',
      /it trapped: unreachable; it had 7\.1 MiB of the 8 MiB .* raise "limits.memoryCeilingBytes" \(8388608\)/,
    ],
    ['flood', /it wrote a line of more than \d+ bytes to stdout.*nothing raises this limit/],
    ['chatter', /it writes to stdout what is no message/],
  ])('that does "%s" ends its call with the reason, and is started again', async (tool, reason) => {
    await build(serverGuest());
    await using opened = await open({ limits: { memoryCeilingBytes: 8 * 1024 * 1024 } });
    await using client = await connect(opened.url);
    expect(await failureOf(client, tool)).toMatch(reason);
    await isBack(client);
    expect(opened.gateway.status().upstreams[0]?.restarts).toBe(1);
  });

  test('that loops for ever is ended when the time of a call is over, and is started again', async () => {
    await build(serverGuest());
    // On a busy machine it is not ended at once, and until then calls fail.
    await using opened = await open({ callTimeoutMs: 500, breaker: { failures: 1_000 } });
    await using client = await connect(opened.url);
    expect(await failureOf(client, 'loop')).toMatch(/within 500 ms|computed for more than 500 ms/);
    await isBack(client);
    expect(opened.said.join('\n')).toContain('it computed for more than 500 ms without waiting for anything');
    expect(opened.said.join('\n')).not.toContain('somebody killed it');
  });

  test('that fails again and again is not asked any more for a while', async () => {
    await build(serverGuest());
    await using opened = await open({ breaker: { failures: 2, coolDownMs: 3_600_000 } });
    await using client = await connect(opened.url);
    for (let round = 0; round < 2; round++) {
      await failureOf(client, 'trap');
      await expect.poll(() => opened.gateway.status().upstreams[0]?.state).toBe('running');
    }
    expect(await failureOf(client, 'echo')).toMatch(/failed 2 times in a row/);
  });

  test('says what it says on stderr to the log, without secrets, and nothing on stdout that is no message', async () => {
    await build(serverGuest());
    await using opened = await open({ env: { KEY: 'hunter2hunter2' } });
    await using client = await connect(opened.url);
    expect(textOf(await call(client, 'words'))).toBe('words of 1');
    await expect.poll(() => opened.said.join('\n')).toContain('the key is ********');
    expect(opened.said.join('\n')).not.toContain('hunter2');
  });

  test('that is rebuilt is served anew, and a build that is none is not', async () => {
    await build(serverGuest());
    await using opened = await open({ watch: true });
    await using client = await connect(opened.url);
    await writeFile(path, 'half a module');
    await expect.poll(() => opened.said.join('\n')).toContain('a new version was rejected');
    expect(textOf(await call(client, 'echo'))).toBe('echo of 1');
    await build(serverGuest(undefined, '2'));
    await expect.poll(() => failureOf(client, 'echo')).toBe('echo of 2');
  });

  test('that is rebuilt answers all calls until the new one does, and goes on where that does not start', async () => {
    await build(serverGuest());
    await using opened = await open({ watch: true, breaker: { failures: 2, coolDownMs: 3_600_000 } });
    await using client = await connect(opened.url);
    let ends = Promise.resolve(failureOf(client, 'trap'));
    for (let round = 0; round < 2; round++) {
      await ends;
      await expect.poll(() => opened.gateway.status().upstreams[0]?.state).toBe('running');
      ends = failureOf(client, 'trap');
    }
    expect(await ends).toMatch(/failed 2 times in a row/);
    await build(serverGuest(undefined, '2'));
    // What the old version did says nothing of the new one.
    await expect.poll(() => failureOf(client, 'echo')).toBe('echo of 2');

    await build(serverThatLeaves());
    await expect
      .poll(() => opened.gateway.status().upstreams[0]?.reason)
      .toMatch(/^a new version is not served: .*the lights are off/);
    const health = await (await fetch(new URL('/health/ready', opened.url))).json();
    expect(health).toMatchObject({
      status: 'ready',
      entries: [{ name: 's', state: 'up', reason: expect.stringContaining('exited with code 3') }],
    });

    await build(serverGuest(undefined, '3'));
    const seen: string[] = [];
    while (seen.at(-1) !== 'echo of 3') seen.push(await failureOf(client, 'echo'));
    expect(new Set(seen)).toEqual(new Set(['echo of 2', 'echo of 3']));
    expect(opened.gateway.status().upstreams[0]?.reason).toBeUndefined();
  });

  test('whose entry changes keeps callers waiting until it has started anew, and refuses none', async () => {
    await build(serverGuest());
    await using opened = await open({}, 0); // in which nobody waits for servers otherwise
    await using client = await connect(opened.url);
    await isBack(client);
    const applied = opened.gateway.reconfigure({
      gateway: { listen: '127.0.0.1:0' },
      mcpServers: { s: { wasm: path, env: { LANG: 'en' } } },
    });
    const during = failureOf(client, 'echo');
    await applied;
    expect(await Promise.all([during, failureOf(client, 'echo'), failureOf(client, 'echo')])).toEqual(
      Array.from({ length: 3 }, () => 'echo of 1'),
    );
  });
});

/** A server that does this in its start section. */
function serverThatBegins(how: 'for ever' | 'by trapping'): Uint8Array {
  const wasm = new WasmBuilder();
  const body = how === 'for ever' ? flow.forever([]) : flow.trap('void');
  wasm.startFunction(wasm.function({ params: [], result: 'void' }, () => [body]));
  wasm.function({ params: [], result: 'void', export: '_start' }, () => []);
  return wasm.build();
}

test('a whole server that never gets out of its start section leaves no thread behind, however often it is started, and none when its entry goes', async () => {
  const live = new Set<Worker>();
  const began = (worker: Worker): void => {
    live.add(worker);
    worker.once('exit', () => live.delete(worker));
  };
  process.on('worker', began);
  onTestFinished(() => void process.off('worker', began));
  await build(serverThatBegins('for ever'));
  await using opened = await open({ connectTimeoutMs: 200 });
  await expect.poll(() => opened.gateway.status().upstreams[0]?.restarts).toBeGreaterThan(1);
  await expect.poll(() => live.size).toBe(0);
  const listening = { listen: '127.0.0.1:0' };
  await opened.gateway.reconfigure({
    gateway: listening,
    mcpServers: { s: { wasm: path, connectTimeoutMs: 3_600_000 } },
  });
  await expect.poll(() => live.size).toBe(1);
  await opened.gateway.reconfigure({ gateway: listening });
  await expect.poll(() => live.size).toBe(0);
});

test.each([
  ['by trapping', /^it trapped: unreachable/],
  ['for ever', /^it computed for more than 200 ms without waiting for anything/],
] as const)('a whole server that begins %s in its start section is told with what it ended of', async (how, reason) => {
  await build(serverThatBegins(how));
  await using opened = await open({ callTimeoutMs: 200 });
  const [status] = opened.gateway.status().upstreams;
  expect(status).toMatchObject({ state: 'restarting', reason: expect.stringMatching(reason) });
});

/** A server that imports what there is not. */
function serverThatLacks(): Uint8Array {
  const wasm = new WasmBuilder();
  const fork = wasm.import('env', 'fork', [], 'void');
  wasm.function({ params: [], result: 'void', export: '_start' }, () => [wasmCall(fork)]);
  return wasm.build();
}

describe.each([
  ['is not there', undefined, /server\.wasm: .*no such file.*; check the path/],
  ['is no module', new TextEncoder().encode('hello'), /server\.wasm: .*not.* WebAssembly.*; /],
  ['is cut', serverGuest().subarray(0, 2_000), /server\.wasm: .*it ends too early.* download it again/],
  ['lacks an import', serverThatLacks(), /server\.wasm: env\.fork: .*; build it for WASI/],
  ['is a plugin', versionGuest('A'), /server\.wasm: it is a plugin, not a whole server; name it under "plugins"/],
])('a whole server whose file %s', (_what, bytes, reason) => {
  test('is told as not loaded and why, is not started again, and is served once there is another', async () => {
    if (bytes) await build(bytes);
    await using opened = await open();
    const [status] = opened.gateway.status().upstreams;
    expect(status).toMatchObject({ state: 'not loaded', restarts: 0, reason: expect.stringMatching(reason) });
    await using client = await connect(opened.url);
    expect(await failureOf(client, 'echo')).toMatch(/^.*Server "s" could not be loaded \(.*lockgate doctor/);
    await build(serverGuest());
    await isBack(client);
    const told = opened.said.filter((line) => line.includes('could not be loaded; it is tried again when'));
    expect(told).toHaveLength(1);
  });
});

test.each([
  ['closes stdout', /it closed its stdout/],
  ['exits', /it exited with code 5/],
] as const)('a whole server that %s is told as a native one is', async (what, reason) => {
  await build(serverThat(what));
  await using opened = await open({ callTimeoutMs: 3_600_000 });
  await expect.poll(() => opened.gateway.status().upstreams[0]?.reason).toMatch(reason);
});

test('a directory that is not there is a reason that names it', async () => {
  await build(serverGuest());
  await using opened = await open({ storage: [`fs://${folder}/missing:ro`] });
  expect(opened.gateway.status().upstreams[0]?.reason).toContain(`"${folder}/missing" that "s" may use is not there`);
});

test('hosts are no grant for a command of WASI preview 1, and a configuration that gives it any is not taken over', async () => {
  await build(serverGuest());
  await using opened = await open();
  const refused = opened.gateway.reconfigure({ mcpServers: { s: { wasm: path, hosts: ['example.com'] } } });
  await expect(refused).rejects.toThrow(/"hosts", and WASI preview 1 has no network/);
  expect(opened.gateway.status().upstreams).toMatchObject([{ name: 's', state: 'running' }]);
});
