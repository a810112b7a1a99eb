import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ChildProcess, type Program } from '../../src/transport/child-process.ts';
import { HAS_GROUPS } from '../../src/transport/process-group.ts';
import { spawnHere } from '../../src/transport/spawned.ts';
import { Spawner } from '../../src/transport/spawner.ts';
import { isAlive } from '../fixtures/is-alive.ts';

const spawners: Spawner[] = [];
const children: ChildProcess[] = [];

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(children.splice(0).map((child) => child.close()));
  for (const spawner of spawners.splice(0)) spawner.close();
  // The next test takes for its own whichever it finds.
  await expect.poll(() => spawnersOf(process.pid)).toEqual([]);
});

function openSpawner(): Spawner {
  const spawner = new Spawner();
  spawners.push(spawner);
  return spawner;
}

/** Starts a program of Node, written in the test, through the spawner. */
async function start(script: string, spawner = openSpawner(), more: Partial<Program> = {}) {
  const ended = Promise.withResolvers<string>();
  const exited = Promise.withResolvers<unknown>();
  const stdout: Buffer[] = [];
  const stderr: string[] = [];
  const waiting: (() => void)[] = [];
  const child = await ChildProcess.start(
    { command: process.execPath, args: ['-e', script], env: {}, ...more },
    {
      onStdout: (chunk) => {
        stdout.push(chunk);
        for (const wake of waiting.splice(0)) wake();
        return undefined;
      },
      onStderr: (text) => void stderr.push(text),
      onEnd: ended.resolve,
      onExit: exited.resolve,
    },
    (options) => spawner.spawn(options),
  );
  children.push(child);
  const text = (): string => Buffer.concat(stdout).toString();
  const line = async (): Promise<string> => {
    while (!text().includes('\n')) await new Promise<void>((resolve) => waiting.push(resolve));
    return text().slice(0, text().indexOf('\n'));
  };
  return { child, ended: ended.promise, exited: exited.promise, line, text, stderr };
}

/** Processes of which this one, or a given one, is the parent and which start programs. */
function spawnersOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return parentOf(pid) === parent && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('spawner-entry');
      } catch {
        return false; // it has ended meanwhile
      }
    });
}

function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

async function gone(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid)).toBe(false);
}

const ECHO = "process.stdin.on('data', (chunk) => process.stdout.write(chunk));";

describe.skipIf(!HAS_GROUPS)('a program that another process starts', () => {
  test('has its variables and folder, reads and writes here, and leads a group of its own', async () => {
    const said = 'console.log(JSON.stringify([process.env.MINE, process.cwd(), process.env.LOCKGATE_TEST ?? null]));';
    const { child, line } = await start(`${said} ${ECHO}`, openSpawner(), { env: { MINE: 'y' }, cwd: '/' });
    expect(JSON.parse(await line())).toEqual(['y', '/', null]);
    process.kill(-child.pid, 'SIGTERM');
    await gone(child.pid);
  });

  test('loses nothing of what it writes at once, and says how it ended', async () => {
    const script = `process.stdout.write('a'.repeat(300_000) + '\\n'); console.error('Error: no token'); process.exitCode = 3;`;
    const all = await Promise.all(Array.from({ length: 20 }, () => start(script)));
    for (const { ended, text, stderr } of all) {
      expect(await ended).toBe('it exited with code 3; its last words: Error: no token');
      expect(text()).toBe(`${'a'.repeat(300_000)}\n`);
      expect(stderr).toContain('Error: no token');
    }
  });

  test('tells its end though it is over before its start is heard of here', async () => {
    const spawner = openSpawner();
    await (await start('', spawner)).ended;
    const folder = mkdtempSync(join(tmpdir(), 'lockgate-early-'));
    const spawned = Array.from({ length: 30 }, (_, index) => {
      const args = ['-c', 'echo $$ > "$1.part"; mv "$1.part" "$1"; exit 7', 'sh', join(folder, `${index}`)];
      return spawner.spawn({ command: '/bin/sh', args, env: { PATH: process.env.PATH ?? '' }, cwd: undefined });
    });
    await setImmediate();
    // This process hears nothing while it is busy: all that is told of the programs lies there when it goes on.
    const isOver = (index: number): boolean => {
      const file = join(folder, `${index}`);
      return existsSync(file) && !isAlive(Number(readFileSync(file, 'utf8')));
    };
    while (!spawned.every((_, index) => isOver(index)));
    rmSync(folder, { recursive: true });
    const codes = spawned.map(
      async (child) => (await once((await child) as unknown as NodeJS.EventEmitter, 'exit'))[0],
    );
    expect(await Promise.all(codes)).toEqual(new Array(30).fill(7));
  });

  test('sees the end of its input, and is told to end where it does not go then', async () => {
    const { child, ended, line } = await start(`console.log('up'); ${ECHO}`);
    await line();
    await child.close();
    expect(await ended).toMatch(/^it exited with code 0/);
    const stubborn = await start("console.log('up'); setInterval(() => {}, 1e6);");
    await stubborn.line();
    await stubborn.child.close();
    expect(await stubborn.ended).toBe('it was ended by SIGTERM');
  });

  test.each<[string, Partial<Program>, string]>([
    ['a command that is not there', { command: 'no-such-command' }, 'the command "no-such-command" was not found'],
    ['a file that is no program', { command: '/etc/passwd' }, 'the command "/etc/passwd" may not be executed'],
    ['a folder that is not there', { cwd: '/no/such/folder' }, 'the folder "/no/such/folder" ("cwd") does not exist'],
  ])('is refused for %s in the words that it would be refused here', async (_, more, words) => {
    const refused = await start('', openSpawner(), more).catch((error: Error) => error.message);
    const here = await start('', { spawn: spawnHere } as Spawner, more).catch((error: Error) => error.message);
    expect(refused).toBe(here);
    expect(refused).toContain(words);
  });

  test('goes on where that process is lost, and its end is seen; others are started from here', async () => {
    const spawner = openSpawner();
    const first = await start(`console.log('up'); ${ECHO}`, spawner);
    await first.line();
    const [helper] = spawnersOf(process.pid) as [number];
    process.kill(helper, 'SIGKILL');
    await gone(helper);
    const second = await start("console.log('here');", spawner);
    expect(await second.line()).toBe('here');
    first.child.stdin.write('still there\n');
    await expect.poll(first.text).toBe('up\nstill there\n');
    process.kill(first.child.pid, 'SIGKILL');
    expect(await first.ended).toMatch(/^it /);
  });

  test('that is gone is no reason to keep that process: it ends some seconds later', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { exited } = await start('');
    const [helper] = spawnersOf(process.pid) as [number];
    await exited;
    vi.advanceTimersByTime(5_000);
    expect(isAlive(helper)).toBe(true);
    vi.advanceTimersByTime(5_000);
    vi.useRealTimers();
    await gone(helper);
  });

  test('that starts while the process before is being ended is started by the next, which is kept', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const spawner = openSpawner();
    const { exited } = await start('', spawner);
    const [before] = spawnersOf(process.pid) as [number];
    await exited;
    vi.advanceTimersByTime(10_000);
    const next = await start("process.stdin.once('data', () => process.exit(7)); console.log('up');", spawner);
    await next.line();
    vi.useRealTimers();
    await gone(before);
    expect(spawnersOf(process.pid)).toEqual([parentOf(next.child.pid)]);
    next.child.stdin.write('end\n');
    expect(await next.ended).toMatch(/^it exited with code 7/);
  });
});

test.skipIf(!HAS_GROUPS)('the process that starts programs ends with a gateway that is killed', async () => {
  const module = fileURLToPath(new URL('../../src/transport/spawner.ts', import.meta.url));
  const script = `
    const { Spawner } = await import(${JSON.stringify(module)});
    await new Spawner().spawn({ command: 'sleep', args: ['600'], env: { PATH: process.env.PATH }, cwd: undefined });
    console.log('up');
    setInterval(() => {}, 1e6);`;
  const gateway = spawn(process.execPath, ['--conditions=@lockgate/source', '--input-type=module', '-e', script]);
  await once(gateway.stdout, 'data');
  const [helper] = spawnersOf(gateway.pid as number) as [number];
  gateway.kill('SIGKILL');
  await gone(helper);
});
