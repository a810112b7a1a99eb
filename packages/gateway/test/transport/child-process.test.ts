import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createRedactor, MASK } from '../../src/config/secrets.ts';
import { type ChildEvents, ChildProcess, type Program } from '../../src/transport/child-process.ts';
import { isAlive } from '../fixtures/is-alive.ts';

const children: ChildProcess[] = [];

afterEach(() => closeAtOnce(...children.splice(0)));

/** Closes programs, and lets the time pass that each step waits. */
async function closeAtOnce(...closing: readonly ChildProcess[]): Promise<void> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    await whileTimePasses(Promise.all(closing.map((child) => child.close())));
  } finally {
    vi.useRealTimers();
  }
}

/** Lets time pass until something has come: what processes do comes when it comes, and steps that follow it begin only then. */
async function whileTimePasses(awaited: Promise<unknown>): Promise<void> {
  let hasCome = false;
  const come = awaited.finally(() => {
    hasCome = true;
  });
  while (!hasCome) await vi.advanceTimersByTimeAsync(50);
  await come;
}

/** Starts a program of Node that is written in the test. */
async function start(script: string, more: Partial<Program> = {}) {
  const ended = Promise.withResolvers<string>();
  const exited = Promise.withResolvers<unknown>();
  const stderr: string[] = [];
  let stdout = '';
  const waiting: (() => void)[] = [];
  const child = await ChildProcess.start(
    { command: process.execPath, args: ['-e', script], env: {}, ...more },
    {
      onStdout: (chunk) => {
        stdout += chunk.toString();
        for (const wake of waiting.splice(0)) wake();
        return undefined;
      },
      onStderr: (text) => void stderr.push(text),
      onExit: exited.resolve,
      onEnd: ended.resolve,
    },
  );
  children.push(child);
  /** The first line that it writes. */
  const line = async (): Promise<string> => {
    while (!stdout.includes('\n')) await new Promise<void>((resolve) => waiting.push(resolve));
    return stdout.slice(0, stdout.indexOf('\n'));
  };
  return { child, line, exited: exited.promise, ended: ended.promise, stderr };
}

/** Resolves when no process of this id is there any longer. */
async function gone(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid)).toBe(false);
}

const WAITS = 'setInterval(() => {}, 1e6);';

/** Starts a program that writes, and answers each chunk so. */
async function startWriting(onStdout: ChildEvents['onStdout'], command = 'yes', args: readonly string[] = []) {
  const ended = Promise.withResolvers<string>();
  const program = { command, args, env: {} };
  children.push(await ChildProcess.start(program, { onStdout, onStderr: () => {}, onEnd: ended.resolve }));
  return { ended: ended.promise };
}

describe('a program that writes without end', () => {
  test('is read on after others had their turn, from where the reading was left off', async () => {
    let [taken, turns] = [0, 0];
    let left: Buffer = Buffer.alloc(0);
    const { ended } = await startWriting((chunk) => {
      expect(turns).toBe(taken++);
      if (left.length > 0) expect(chunk).toEqual(left);
      setImmediate(() => turns++);
      left = chunk.subarray(2);
      return taken === 20 ? 'never' : left;
    });
    await ended;
    expect(taken).toBe(20);
  });

  test('is ended by its own writing once nothing more is wanted', async () => {
    const { ended } = await startWriting(() => 'never');
    expect(await ended).toMatch(/^it (was ended by SIGPIPE|exited with code 1; its last words: yes: standard output)/);
  });
});

test('a program that ends is read to its end first', async () => {
  const said: string[] = [];
  const script = "process.stdout.write('abcdef'); process.exit(0)";
  const onStdout = (chunk: Buffer) => {
    said.push(chunk.toString('utf8', 0, 1));
    return chunk.length > 1 ? chunk.subarray(1) : undefined;
  };
  // Others never have had their turn when it ends.
  vi.useFakeTimers({ toFake: ['setImmediate'] });
  onTestFinished(() => void vi.useRealTimers());
  const { ended } = await startWriting(onStdout, process.execPath, ['-e', script]);
  await ended;
  expect(said.join('')).toBe('abcdef');
});

describe('a program', () => {
  test('gets what is written to it, the variables that it is given, and few of the gateway', async () => {
    process.env.LOCKGATE_TEST_SECRET = 'x';
    const said =
      'console.log(JSON.stringify([process.env.MINE, process.env.LOCKGATE_TEST_SECRET, typeof process.env.PATH]));';
    const { line, child } = await start(`process.stdin.once('data', (d) => { ${said} })`, { env: { MINE: 'y' } });
    child.stdin.write('go');
    expect(JSON.parse(await line())).toEqual(['y', null, 'string']);
    delete process.env.LOCKGATE_TEST_SECRET;
  });

  test('gets certificates and proxies of the gateway, but no address of a proxy that may hold a password', async () => {
    vi.stubEnv('NODE_EXTRA_CA_CERTS', '/no/such/ca.pem');
    vi.stubEnv('HTTPS_PROXY', 'http://proxy.test:3128');
    vi.stubEnv('https_proxy', 'http://me:hush@proxy.test:3128');
    vi.stubEnv('HTTP_PROXY', 'me:hush@proxy.test:3128');
    vi.stubEnv('no_proxy', 'localhost');
    onTestFinished(() => void vi.unstubAllEnvs());
    const names = ['NODE_EXTRA_CA_CERTS', 'HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'no_proxy'];
    const said = `console.log(JSON.stringify(${JSON.stringify(names)}.map((name) => process.env[name])));`;
    const { line, child } = await start(`process.stdin.once('data', (d) => { ${said} })`);
    child.stdin.write('go');
    expect(JSON.parse(await line())).toEqual(['/no/such/ca.pem', 'http://proxy.test:3128', null, null, 'localhost']);
  });

  test('that ends says how, with the last five lines of its stderr', async () => {
    const script =
      'for (let i = 0; i < 9; i++) console.error("line", i); console.error("x".repeat(400)); process.exitCode = 3;';
    const { ended } = await start(script);
    const words = ['line 5', 'line 6', 'line 7', 'line 8', 'x'.repeat(300)].join(' | ');
    expect(await ended).toBe(`it exited with code 3; its last words: ${words}`);
  });

  test('that ends names the error before its stack', async () => {
    const { ended } = await start(
      `console.error("Error: no such module"); for (let i = 0; i < 9; i++) console.error("at", i); process.exitCode = 1;`,
    );
    expect(await ended).toBe(
      'it exited with code 1; its last words: Error: no such module | at 5 | at 6 | at 7 | at 8',
    );
  });

  describe('that prints a secret shows it to nobody', () => {
    const SECRET = 's3cr3t-0123456789abcdefghijklmnop';
    const redact = createRedactor([SECRET]);
    const printing = (...chunks: string[]) =>
      `const all = ${JSON.stringify(chunks)};
       process.stdin.on('data', () => { const next = all.shift(); if (next === undefined) process.exit(3); process.stderr.write(next); });`;

    test.each([
      ['far behind in its line', [`${'x'.repeat(280)} ${SECRET}\n`], `${'x'.repeat(280)} ${MASK}`],
      ['in two chunks', [`token ${SECRET.slice(0, 15)}`, `${SECRET.slice(15)} é`, '!\n'], `token ${MASK} é!`],
      ['and ends in the middle of it', [`token ${SECRET.slice(0, 15)}`], `token ${MASK}`],
    ])('%s', async (_how, chunks, words) => {
      const { child, ended, stderr } = await start(printing(...chunks), { redact });
      for (const _ of chunks) {
        const before = stderr.length;
        child.stdin.write('x');
        await expect.poll(() => stderr.length).toBeGreaterThan(before);
      }
      child.stdin.write('x');
      expect(await ended).toBe(`it exited with code 3; its last words: ${words}`);
      expect(stderr.filter((text) => text !== '').join('|')).toBe(words);
    });
  });

  test('that writes a line of stderr without end is told of, not kept', async () => {
    const { ended } = await start(`process.stderr.write('x'.repeat(70_000) + '\\nafter\\n'); process.exitCode = 3;`);
    expect(await ended).toBe('it exited with code 3; its last words: (a line of more than 65536 bytes) | after');
  });

  test('that is killed says by what', async () => {
    const { child, ended } = await start(WAITS);
    process.kill(child.pid, 'SIGKILL');
    expect(await ended).toBe('it was ended by SIGKILL');
  });

  test('that closes its stdout is of no more use', async () => {
    const { ended } = await start(`require('fs').closeSync(1); ${WAITS}`);
    expect(await ended).toBe('it closed its stdout');
  });

  test('that was given up says why, unless it exits soon after, which says more', async () => {
    const holds = `process.on('SIGTERM', () => {}); console.log('ready'); ${WAITS}`;
    const dying = await start(
      `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(holds)}], { stdio: ['ignore', 'inherit', 'inherit'] });
       process.stdin.once('data', () => process.exit(3));`,
    );
    const living = await start(WAITS);
    await dying.line();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    for (const { child } of [dying, living]) child.giveUp('it reads no more');
    dying.child.stdin.write('x');
    await dying.exited;
    await whileTimePasses(dying.child.gone);
    vi.useRealTimers();
    expect(await dying.ended).toBe('it exited with code 3');
    expect(await living.ended).toBe('it reads no more');
  });

  test('that was given up has exited before the thread, which was busy, looked: how it has exited is told', async () => {
    const { child, ended, line } = await start(
      `process.on('SIGTERM', () => process.exit(3)); console.log('ready'); ${WAITS}`,
    );
    await line();
    // Timers pass before the loop looks for what has come; so does what follows this.
    await new Promise(setImmediate);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    child.giveUp('it reads no more');
    // Its parent is told when the last of its threads has ended; and this one takes no signals while it starts the shell.
    const hasEnded = `grep -q State:.Z "$0" && grep -q 'Threads:.1$' "$0"`;
    const end = `kill -TERM ${child.pid}; until ${hasEnded}; do :; done`;
    execFileSync('sh', ['-c', end, `/proc/${child.pid}/status`]);
    vi.advanceTimersByTime(1_000);
    vi.useRealTimers();
    expect(await ended).toBe('it exited with code 3');
  });

  test('ends when its input does, before it is told to', async () => {
    const script = `process.on('SIGTERM', () => console.log('told')); process.stdin.on('end', () => { console.log('end'); process.exit(); }).resume();`;
    const { child, line } = await start(script);
    await child.close();
    expect(await line()).toBe('end');
  });

  test('that ignores the end of its input and SIGTERM is killed', async () => {
    const { child, line } = await start(`process.on('SIGTERM', () => {}); console.log('ready'); ${WAITS}`);
    await line();
    await closeAtOnce(child);
    await gone(child.pid);
  });

  test('that cannot be written to any more disturbs nobody', async () => {
    const { child, ended } = await start('process.exit(0)');
    await ended;
    child.stdin.on('error', () => {});
    child.stdin.write('x'.repeat(1_000_000));
    await child.close();
  });
});

describe('what a program has started itself', () => {
  const helper = `process.on('SIGHUP', () => {}); ${WAITS}`;
  const starting = (stdio: string) =>
    `const c = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(helper)}], { stdio: ${stdio} }); console.log(c.pid);`;

  test('ends with it', async () => {
    const { child, line } = await start(
      `${starting("'ignore'")} process.stdin.on('end', () => process.exit()).resume();`,
    );
    const pid = Number(await line());
    expect(isAlive(pid)).toBe(true);
    await child.close();
    await gone(pid);
  });

  test('ends with it where it exits by itself, although it holds its stdout', async () => {
    const { line, ended } = await start(
      `${starting("['ignore', 'inherit', 'inherit']")} process.stdin.once('data', () => process.exit(4));`,
    );
    const pid = Number(await line());
    children[0]?.stdin.write('exit');
    expect(await ended).toBe('it exited with code 4');
    await gone(pid);
  });

  test('is killed after it where it exits by itself and the helper ignores SIGTERM', async () => {
    const stubborn = `process.on('SIGTERM', () => {}); console.log(process.pid); ${WAITS}`;
    const { child, line, ended } = await start(
      `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(stubborn)}], { stdio: ['ignore', 'inherit', 'inherit'] });
       process.stdin.once('data', () => process.exit(4));`,
    );
    const pid = Number(await line());
    child.stdin.write('exit');
    expect(await ended).toBe('it exited with code 4');
    await child.gone;
    await gone(pid);
  });

  test('is killed with it where both ignore everything else', async () => {
    const stubborn = `process.on('SIGTERM', () => {}); ${WAITS}`;
    const both = `process.on('SIGTERM', () => {}); const c = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(stubborn)}], { stdio: 'ignore' }); console.log(c.pid); ${WAITS}`;
    const { child, line } = await start(both);
    const pid = Number(await line());
    await closeAtOnce(child);
    await Promise.all([gone(pid), gone(child.pid)]);
  });
});

describe('a program that cannot be started', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockgate-child-'));
  const plain = join(folder, 'plain.txt');
  writeFileSync(plain, 'no program', { mode: 0o644 });

  test.each<[string, Partial<Program>, string]>([
    [
      'is not there',
      { command: 'no-such-program' },
      'the command "no-such-program" was not found on PATH; install it, or write its whole path',
    ],
    [
      'is a whole line',
      { command: 'npx -y some-server' },
      'the command "npx -y some-server" was not found on PATH; arguments go into "args": write "command": "npx", "args": ["-y", "some-server", ...]',
    ],
    ['has no folder', { cwd: join(folder, 'none') }, `the folder "${join(folder, 'none')}" ("cwd") does not exist`],
    [
      'is no program',
      { command: plain },
      `the command "${plain}" may not be executed; make it executable (chmod +x ${plain})`,
    ],
  ])('because it %s says so', async (_what, program, message) => {
    await expect(start('', program)).rejects.toThrow(message);
  });
});

test('what is left open when the gateway ends keeps no event loop alive', async () => {
  const script = `
    const { ChildProcess } = await import(${JSON.stringify(new URL('../../src/transport/child-process.ts', import.meta.url).href)});
    const child = await ChildProcess.start(
      { command: process.execPath, args: ['-e', 'process.stdin.resume()'], env: {} },
      { onStdout: () => undefined, onStderr() {}, onEnd() {} },
    );
    await child.close();`;
  const { spawn } = await import('node:child_process');
  const outer = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  expect((await once(outer, 'exit'))[0]).toBe(0);
});
