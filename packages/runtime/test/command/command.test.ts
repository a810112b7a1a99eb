import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Code, flow, greedyGuest, i32, memory, WasmBuilder } from '@lockgate/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Command, type CommandOptions, createRuntime, type Runtime } from '../../src/index.ts';
import { BUFFER_BYTES, type CommandKit, commandGuest } from './command-guest.ts';
import { countingThreads } from './live-threads.ts';

async function runtime(): Promise<Runtime> {
  const made = await createRuntime();
  onTestFinished(() => made.close());
  return made;
}

async function start(body: (kit: CommandKit) => readonly Code<'void'>[], options?: CommandOptions): Promise<Command> {
  return (await runtime()).startCommand(commandGuest(body), options);
}

/** What comes in goes out, until there is no more. */
const echo = ({ read, write, count, exit }: CommandKit): readonly Code<'void'>[] => [
  flow.forever([
    flow.if(read(), [exit(i32.const(5))]),
    flow.if(i32.eqz(count), [flow.return()]),
    flow.if(write(1, count), [exit(i32.const(6))]),
  ]),
];

describe('a command', () => {
  test('reads what it is written, and writes what is read, however much it is', async () => {
    const command = await start(echo);
    const sent = Array.from({ length: 200_000 }, (_, index) => `line ${index}`).join('\n');
    const got = text(command.stdout);
    command.stdin.end(sent);
    expect((await got) === sent).toBe(true);
    expect(await command.ended).toEqual({ exitCode: 0 });
  });

  test.each([0, 1, 42, 255, -1])('leaves with the exit code that it says: %i', async (code) => {
    const command = await start(({ exit }) => [exit(i32.const(code))]);
    expect(await command.ended).toEqual({ exitCode: code >>> 0 });
  });

  test('is known to have ended, and how, before its output ends', async () => {
    const command = await start(({ say, exit }) => [say(1, 'half an answer'), exit(i32.const(3))]);
    let known: unknown;
    void command.ended.then((end) => {
      known = end;
    });
    const ends = [command.stdout, command.stderr].map(
      (pipe) => new Promise((resolve) => pipe.resume().once('end', () => resolve(known))),
    );
    expect(await Promise.all(ends)).toEqual([{ exitCode: 3 }, { exitCode: 3 }]);
  });

  test('that traps is told with what it was, and its last words come first', async () => {
    const command = await start(({ say }) => [say(2, 'about to fall\n'), flow.trap('void')]);
    const words = text(command.stderr);
    expect(await command.ended).toMatchObject({ exitCode: 134, reason: 'it trapped: unreachable', stack: /wasm/ });
    expect(await words).toBe('about to fall\n');
  });

  test('has no more memory than it may, and goes on', async () => {
    const grow = ({ local, exit }: CommandKit): readonly Code<'void'>[] => {
      const before = local('i32');
      return [
        flow.while(i32.ne(before.get, i32.const(-1)), [before.set(memory.grow(i32.const(1)))]),
        exit(memory.size),
      ];
    };
    const command = await start(grow, { memoryCeilingBytes: 1024 * 1024 });
    expect(await command.ended).toMatchObject({ exitCode: 16, reason: expect.stringMatching(/1 MiB of the 1 MiB/) });
  });

  test.each([
    ['says so', 'panic: runtime error\nfatal error: out of memory\ngoroutine 1\n', 2, 1, 'it got no more memory under'],
    ['has nearly all of it', '', 2, 15, 'it had 0.9 MiB of the 1 MiB of memory that it may have'],
    ['says another thing with little of it', 'file not found\n', 2, 1, undefined],
    ['leaves in order', 'out of memory\n', 0, 16, undefined],
  ] as const)(
    'that fails and %s is told its ceiling, with what raises it, where that speaks for want of memory',
    async (_what, words, code, pages, reason) => {
      const body = ({ say, exit }: CommandKit) => [
        flow.drop(memory.grow(i32.const(pages - 2))),
        say(2, words),
        exit(i32.const(code)),
      ];
      const { exitCode, reason: told } = await (await start(body, { memoryCeilingBytes: 1024 * 1024 })).ended;
      expect(exitCode).toBe(code);
      if (reason === undefined) expect(told).toBeUndefined();
      else expect(told).toContain(`it exited with code 2; ${reason}`);
      if (reason !== undefined) expect(told).toContain('raise "limits.memoryCeilingBytes" (1048576)');
    },
  );

  test('that computes for ever is ended when its time is over, though nobody asked it for anything', async () => {
    const command = await start(({ say }) => [say(1, 'x'), flow.forever([])], { callTimeoutMs: 200 });
    const { exitCode, reason } = await command.ended;
    expect([exitCode, reason]).toEqual([
      null,
      'it computed for more than 200 ms without waiting for anything, and was ended',
    ]);
  });

  test('that is ended is gone wherever it is: reading, writing, computing', async () => {
    const bodies: ((kit: CommandKit) => readonly Code<'void'>[])[] = [
      echo,
      ({ write }) => [flow.forever([flow.drop(write(1, i32.const(BUFFER_BYTES)))])],
      () => [flow.forever([])],
    ];
    for (const body of bodies) {
      const command = await start(body);
      await Promise.all([command.end(), command.end()]);
      expect(await command.ended).toEqual({ exitCode: null });
    }
  });

  test('that writes more than is read waits, and nothing is lost or kept in heaps', async () => {
    const command = await start(({ write, say, local }) => {
      const round = local('i32');
      return [
        flow.while(i32.ltU(round.get, i32.const(64)), [
          flow.drop(write(1, i32.const(BUFFER_BYTES))),
          round.set(i32.add(round.get, i32.const(1))),
        ]),
        say(2, 'written'),
      ];
    });
    const words = text(command.stderr);
    let bytes = 0;
    for await (const chunk of command.stdout) {
      bytes += (chunk as Buffer).length;
      expect(command.stdout.readableLength).toBeLessThanOrEqual(2 * BUFFER_BYTES);
    }
    expect(bytes).toBe(64 * BUFFER_BYTES);
    expect(await words).toBe('written');
  });

  test('that never reads holds up who writes to it, and nobody else', async () => {
    const command = await start(({ say, read }) => [
      say(1, 'up'),
      flow.forever([flow.drop(read(9)), flow.forever([])]),
    ]);
    await new Promise((resolve) => command.stdout.once('data', resolve));
    const isDrained = command.stdin.write(Buffer.alloc(1024 * 1024));
    expect(isDrained).toBe(false);
    expect(command.stdin.writableLength).toBe(1024 * 1024);
    await command.end();
    expect(command.stdin.destroyed).toBe(true);
  });

  test('whose output nobody wants any more is told so', async () => {
    const command = await start(({ write, exit, read }) => [
      flow.drop(read()),
      flow.forever([flow.if(i32.eq(write(1, i32.const(BUFFER_BYTES)), i32.const(64)), [exit(i32.const(7))])]),
    ]);
    command.stdout.destroy();
    command.stdin.write('go');
    expect(await command.ended).toEqual({ exitCode: 7 });
  });

  test('of Go finds an input that does not block, so that one thread is enough for it', async () => {
    const asks = ({ read, exit }: CommandKit): readonly Code<'void'>[] => [exit(read())];
    const made = await runtime();
    const go = await made.startCommand(commandGuest(asks, { custom: 'go:buildid' }));
    expect(await go.ended).toEqual({ exitCode: 6 }); // nothing there yet
    const other = await made.startCommand(commandGuest(asks));
    other.stdin.write('x');
    expect(await other.ended).toEqual({ exitCode: 0 });
  });

  test('of Go that waits for signals is blocked by its input: it would never ask whether there is something', async () => {
    const made = await runtime();
    const asks = ({ read, exit, say, yields }: CommandKit): readonly Code<'void'>[] => [
      yields(),
      say(1, 'up'),
      exit(read()),
    ];
    const go = await made.startCommand(commandGuest(asks, { custom: 'go:buildid' }));
    await new Promise((resolve) => go.stdout.once('data', resolve));
    go.stdin.write('x');
    expect(await go.ended).toEqual({ exitCode: 0 });
  });

  test('of another language that yields goes on where its input is to answer at once', async () => {
    const made = await runtime();
    const asks = ({ read, exit, unblocks, yields }: CommandKit): readonly Code<'void'>[] => [
      unblocks(),
      yields(),
      exit(read()),
    ];
    const other = await made.startCommand(commandGuest(asks));
    // What WASI calls EAGAIN.
    expect(await other.ended).toEqual({ exitCode: 6 });
  });
});

describe('a command is not started', () => {
  test.each([
    ['that is none', new WasmBuilder().build(), /not a command: the function "_start"/],
    ['that is a plugin', greedyGuest(), /the function "_start" \(\) -> \(\) is missing/],
    [
      'that imports what is not there',
      unknownImport('env', 'fork'),
      /"env"\."fork" \(a host supplies "wasi_snapshot_preview1" only\)/,
    ],
    ['of before preview 1', unknownImport('wasi_unstable', 'fd_write'), /of WASI before preview 1/],
    [
      'that imports an unknown function of WASI',
      unknownImport('wasi_snapshot_preview1', 'sock_open'),
      /not in WASI preview 1/,
    ],
    ['that is no module', new TextEncoder().encode('hello'), /not a WebAssembly module|no WebAssembly|magic/i],
  ])('%s', async (_what, bytes, message) => {
    const made = await runtime();
    const rejected = await made.startCommand(bytes, { name: 'srv' }).then(String, (error: Error) => error);
    expect(rejected).toMatchObject({ code: 'RUNTIME_LINK', message });
  });

  test('that needs more memory than it may have', async () => {
    const made = await runtime();
    const large = commandGuest(() => []);
    await expect(made.startCommand(large, { memoryCeilingBytes: 65_536 })).rejects.toMatchObject({
      code: 'RUNTIME_MEMORY_CEILING',
    });
  });

  test('with a directory that is not there, or is none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockgate-command-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'file'), '');
    for (const [name, problem] of [
      ['missing', /is not there/],
      ['file', /is no directory/],
    ] as const) {
      const storage = [{ path: join(folder, name), writable: false }];
      await expect(start(echo, { storage })).rejects.toMatchObject({ code: 'RUNTIME_STORAGE', message: problem });
    }
  });

  test('that gets no further in its start section when the signal of its start fires, or the runtime is closed: its thread is gone then', async () => {
    const threads = countingThreads();
    const made = await runtime();
    const endless = commandGuest(() => [flow.forever([])], { isEarly: true });
    const abort = new AbortController();
    const starting = made.startCommand(endless, { signal: abort.signal });
    await expect.poll(threads).toBe(1);
    abort.abort(new Error('nobody wants it any more'));
    await expect(starting).rejects.toThrow('nobody wants it any more');
    expect(threads()).toBe(0);
    await expect(made.startCommand(endless, { signal: abort.signal })).rejects.toThrow('nobody wants it any more');

    const other = made.startCommand(endless);
    await expect.poll(threads).toBe(1);
    await Promise.all([expect(other).rejects.toThrow('The runtime is closed'), made.close()]);
    expect(threads()).toBe(0);
  });

  test('once the runtime is closed, which ends those that run', async () => {
    const made = await createRuntime();
    const command = await made.startCommand(commandGuest(echo));
    await made.close();
    expect(await command.ended).toEqual({ exitCode: null });
    await expect(made.startCommand(commandGuest(echo))).rejects.toThrow('The runtime is closed');
  });
});

test('a whole server that is loaded as a plugin is said to be one, and where it is named', async () => {
  await using runtime = await createRuntime();
  const server = new WasmBuilder();
  server.function({ params: [], result: 'void', export: '_start' }, () => []);
  const wasm = Uint8Array.of(...server.build(), ...[0, 11, 10, ...Buffer.from('go:buildid')]);
  await expect(runtime.loadPlugin(wasm)).rejects.toMatchObject({
    code: 'RUNTIME_LINK',
    message: expect.stringContaining(
      'it is a whole server, not a plugin; name it as "wasm" of an entry of "mcpServers"',
    ),
  });
});

function unknownImport(module: string, name: string): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder();
  wasm.import(module, name, [], 'i32');
  wasm.function({ params: [], result: 'void', export: '_start' }, () => []);
  return wasm.build();
}
