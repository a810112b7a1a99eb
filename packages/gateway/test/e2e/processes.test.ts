import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAlive } from '../fixtures/is-alive.ts';
import { connect, textOf } from './clients.ts';
import { LockgateProcess } from './lockgate-process.ts';

const program = new URL('../fixtures/family-program.ts', import.meta.url).pathname;
const listen = '127.0.0.1:0';
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockgate-processes-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const family = (...args: string[]) => ({ command: process.execPath, args: [program, ...args] });

/** As package runners do: a shell that starts the program and waits for it. */
const wrapped = (...args: string[]) => ({
  command: 'sh',
  args: ['-c', '"$@"; true', 'sh', process.execPath, program, ...args],
});

const serve = (mcpServers: object, gateway: object = {}): Promise<LockgateProcess> =>
  LockgateProcess.start({ config: { gateway: { listen, ...gateway }, mcpServers } });

type Client = Awaited<ReturnType<typeof connect>>;
const call = (client: Client, name: string) => client.callTool({ name, arguments: {} });
const pidsOf = async (client: Client, name: string): Promise<number[]> => JSON.parse(textOf(await call(client, name)));
const gone = (...pids: number[]): Promise<void> => expect.poll(() => pids.filter(isAlive)).toEqual([]);

const ready = async (url: string): Promise<{ up: number; starting: number; entries: { reason?: string }[] }> =>
  (await fetch(url.replace('/mcp', '/health/ready'))).json() as never;

describe.skipIf(process.platform === 'win32')('nothing of a program is left', () => {
  test('when the gateway is told to end, although program and helper ignore everything but SIGKILL', async () => {
    await using lockgate = await serve({ a: wrapped('helper', 'stubborn'), b: family('helper') });
    await using client = await connect(await lockgate.url());
    const pids = [...(await pidsOf(client, 'a__pids')), ...(await pidsOf(client, 'b__pids'))];
    expect(pids).toHaveLength(4);
    expect(await lockgate.stop(), lockgate.stderr).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('when the gateway is killed and can end nothing itself', async () => {
    await using lockgate = await serve({ a: wrapped('helper', 'stubborn'), b: family('helper') });
    await using client = await connect(await lockgate.url());
    const pids = [...(await pidsOf(client, 'a__pids')), ...(await pidsOf(client, 'b__pids'))];
    expect(pids).toHaveLength(4);
    await lockgate.stop('SIGKILL');
    await gone(...pids);
  });

  test('when the gateway is told twice, and ends at once', async () => {
    await using lockgate = await serve({ a: family('helper', 'stubborn') });
    await using client = await connect(await lockgate.url());
    const pids = await pidsOf(client, 'a__pids');
    lockgate.child.kill('SIGTERM');
    await lockgate.said(/closing/);
    expect(await lockgate.stop('SIGTERM')).toBe(1);
    await gone(...pids);
  });

  test('when the program is killed, and another takes its place', async () => {
    await using lockgate = await serve({ a: family('helper', 'stubborn') });
    await using client = await connect(await lockgate.url());
    const [leader, helper] = await pidsOf(client, 'a__pids');
    process.kill(leader as number, 'SIGKILL');
    await lockgate.said(/"reason":"it was ended by SIGKILL/);
    await gone(leader as number, helper as number);
    await lockgate.said(/restarting[\s\S]*"server":"a","state":"running"/);
    expect((await pidsOf(client, 'a__pids'))[0]).not.toBe(leader);
  });

  test('when the server is taken out of the configuration', async () => {
    const kept = family('kept');
    await using lockgate = await serve({ a: wrapped('helper', 'stubborn'), kept });
    await using client = await connect(await lockgate.url());
    const pids = await pidsOf(client, 'a__pids');
    const [other] = await pidsOf(client, 'kept__pids');
    await writeFile(
      join(lockgate.folder, 'lockgate.json'),
      JSON.stringify({ gateway: { listen }, mcpServers: { kept } }),
    );
    await lockgate.said(/configuration applied/);
    await gone(...pids);
    expect(await pidsOf(client, 'kept__pids')).toEqual([other]);
  });

  test('when the session that had it for itself ends', async () => {
    await using lockgate = await serve({ a: wrapped('helper') });
    const url = await lockgate.url();
    await using plain = await connect(url, 'legacy');
    const shared = await pidsOf(plain, 'a__pids');
    const asked = await connect(url, 'legacy', {}, { roots: {} });
    const own = await pidsOf(asked, 'a__pids');
    expect(own).not.toEqual(shared);
    await (asked.transport as unknown as { terminateSession(): Promise<void> }).terminateSession();
    await gone(...own);
    expect(await pidsOf(plain, 'a__pids')).toEqual(shared);
  });
});

describe('a program that exits', () => {
  test('says with which code and last words why: in the tool error, in health, in the log, however often', async () => {
    const why =
      'it exited with code 1; its last words: Error: GITHUB_TOKEN is required; give GITHUB_TOKEN in its "env"';
    const script = "echo 'Error: GITHUB_TOKEN is required' >&2; exit 1";
    await using lockgate = await serve(
      { a: { command: 'sh', args: ['-c', script] }, b: family() },
      { logLevel: 'debug' },
    );
    const url = await lockgate.url();
    await lockgate.said(/still down[\s\S]*still down/);
    const reasons = [...lockgate.stderr.matchAll(/"state":"restarting","reason":("(?:[^"\\]|\\.)*")/g)].map(
      ([, reason = '']) => JSON.parse(reason),
    );
    expect(new Set(reasons)).toEqual(new Set([why]));
    expect((await ready(url)).entries.map(({ reason }) => reason)).toContain(why);
    await using client = await connect(url);
    await expect(call(client, 'a__any')).rejects.toThrow(why);
    const lost = textOf(await call(client, 'b__exit'));
    // The program has been called by then, and may have written what somebody else told it.
    expect(lost).toContain('it exited with code 7; its last words are in the log, at debug');
    await expect(call(client, 'b__any')).rejects.not.toThrow('told to exit');
    await lockgate.said(/wrote to stderr {"server":"b","text":"[^}]*told to exit/);
  });

  test('has exited although something it started holds its stdout', async () => {
    const script = 'sleep 601 & echo "$!" >&2; exec "$@"';
    const args = ['-c', script, 'sh', process.execPath, program];
    await using lockgate = await serve({ a: { command: 'sh', args } }, { logLevel: 'debug' });
    await using client = await connect(await lockgate.url());
    const [, sleeper] = await lockgate.said(/wrote to stderr {"server":"a","text":"(\d+)"/);
    const [first] = await pidsOf(client, 'a__pids');
    expect(textOf(await call(client, 'a__exit'))).toContain('it exited with code 7');
    await gone(Number(sleeper));
    await lockgate.said(/restarting[\s\S]*"server":"a","state":"running"/);
    expect((await pidsOf(client, 'a__pids'))[0]).not.toBe(first);
  });
});

describe('many programs', () => {
  const MANY = 12;
  const all = (args: (index: number) => string[]) =>
    Object.fromEntries(Array.from({ length: MANY }, (_, index) => [`s${index}`, family(...args(index))]));

  test('start no more at once than may, and all come up', async () => {
    const count = join(folder, 'count');
    await using lockgate = await serve(
      all(() => [`count=${count}`]),
      { startConcurrency: 2 },
    );
    const url = await lockgate.url();
    await expect.poll(async () => (await ready(url)).up).toBe(MANY);
    let [starting, most] = [0, 0];
    for (const sign of readFileSync(count, 'utf8')) {
      starting += sign === '+' ? 1 : -1;
      most = Math.max(most, starting);
    }
    expect(starting).toBe(0);
    expect(most).toBeLessThanOrEqual(2);
  });

  test('that do not come up keep neither health nor listening waiting, and their time runs from their own start', async () => {
    const [gate, count] = [join(folder, 'gate'), join(folder, 'count')];
    await using lockgate = await serve(
      all((index) => (index < 2 ? [`count=${count}`, `waits=${gate}`] : [`count=${count}`])),
      { startConcurrency: 2 },
    );
    const url = await lockgate.url();
    expect((await fetch(url.replace('/mcp', '/health/live'))).status).toBe(200);
    expect(await ready(url)).toMatchObject({ up: 0, starting: MANY });
    // Two are starting, and the others wait for them.
    await expect.poll(() => existsSync(count) && readFileSync(count, 'utf8')).toBe('++');
    expect(existsSync(gate)).toBe(false);
    await writeFile(gate, '');
    await expect.poll(async () => (await ready(url)).up).toBe(MANY);
    expect(lockgate.stderr).not.toContain('restarting');
  });
});
