import { buffer, text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Command, type CommandOptions, createRuntime } from '../../src/index.ts';
import { toolComponent } from '../component/tool-component.ts';
import { commandGuest } from './command-guest.ts';
import { componentCommand, echoing, FAILING, GROWING, LOOPING, TRAPPING, WRITING } from './component-command.ts';

async function start(bytes: Uint8Array, options?: CommandOptions): Promise<Command> {
  const runtime = await createRuntime();
  onTestFinished(() => runtime.close());
  return runtime.startCommand(bytes, options);
}

describe('a component that is a command', () => {
  test.each([false, true])('reads what it is written, and writes what is read (on a pollable: %s)', async (waits) => {
    const command = await start(componentCommand(echoing(waits)));
    const got = text(command.stdout);
    const first = new Promise((resolve) => command.stdout.once('readable', resolve));
    command.stdin.write('one\n');
    await first; // it answers while its input is open
    const rest = Array.from({ length: 200_000 }, (_, index) => `line ${index}`).join('\n');
    command.stdin.end(rest);
    expect((await got) === `one\n${rest}`).toBe(true);
    expect(await command.ended).toEqual({ exitCode: 0 });
    expect(command.memoryBytes).toBe(200 * 65_536);
  });

  test('may write a long line at once', async () => {
    const command = await start(componentCommand(WRITING, { pages: 300 }));
    expect((await buffer(command.stdout)).length).toBe(16 * 1024 * 1024);
    expect(await command.ended).toEqual({ exitCode: 0 });
  });

  test('fails with the code of a failure, and a trap is told as one', async () => {
    expect(await (await start(componentCommand(FAILING))).ended).toEqual({ exitCode: 1 });
    expect(await (await start(componentCommand(TRAPPING))).ended).toMatchObject({
      exitCode: 134,
      reason: 'it trapped: unreachable',
    });
  });

  test('that computes for ever is ended when its time is over, and one that waits for its input is not', async () => {
    const idle = await start(componentCommand(echoing(true)), { callTimeoutMs: 200 });
    const { exitCode, reason } = await (await start(componentCommand(LOOPING), { callTimeoutMs: 200 })).ended;
    expect([exitCode, reason]).toEqual([
      null,
      'it computed for more than 200 ms without waiting for anything, and was ended',
    ]);
    idle.stdin.end('still here');
    expect(await text(idle.stdout)).toBe('still here');
  });

  test('has no more memory than it may', async () => {
    const command = await start(componentCommand(GROWING, { pages: 2 }), { memoryCeilingBytes: 1024 * 1024 });
    expect(await command.ended).toEqual({ exitCode: 0 });
    const large = start(componentCommand(GROWING), { memoryCeilingBytes: 1024 * 1024 });
    await expect(large).rejects.toMatchObject({ code: 'RUNTIME_MEMORY_CEILING' });
  });

  test('whose parts do not fit together is refused before it runs, as what no other start mends', async () => {
    const refused = start(componentCommand(FAILING, { isUnfit: true }), { name: 'srv' });
    const facts = { module: 'srv', reason: 'a core module imports from "host", which it is not given' };
    await expect(refused).rejects.toMatchObject({ code: 'RUNTIME_LINK', facts });
    await expect(refused).rejects.not.toMatchObject({ facts: { mayPass: true } });
  });

  test('is not started without an entry point, and WASI preview 1 is granted no hosts', async () => {
    const tools = start(toolComponent({ tool: { params: {} }, code: [] }), { name: 'srv' });
    await expect(tools).rejects.toMatchObject({ code: 'RUNTIME_LINK', message: /"wasi:cli\/run"/ });
    const granted = start(
      commandGuest(() => []),
      { http: { allow: ['example.com'] } },
    );
    await expect(granted).rejects.toMatchObject({ code: 'RUNTIME_LINK', message: /WASI preview 1 has no network/ });
  });
});
