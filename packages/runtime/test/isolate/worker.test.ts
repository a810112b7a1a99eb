import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { echoGuest, leakCheck } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { createRuntime } from '../../src/index.ts';
import { openPlugin } from '../open-plugin.ts';

describe('a worker', () => {
  test('from source runs guests like the built one', async () => {
    await leakCheck(async () => {
      await using opened = await openPlugin(echoGuest(), { isolation: 'worker' }, {}, { createRuntime });
      await expect(opened.plugin.execute('echo', { message: 'a' })).resolves.toEqual({ data: 'a', isError: false });
      expect(opened.lines).toEqual(['enter a', 'leave a']);
    });
  });

  test('leaves the event loop to others, however quickly its answers come', async () => {
    let turns = 0;
    let isDone = false;
    const turn = (): void => {
      turns += 1;
      if (!isDone) setImmediate(turn);
    };
    await using opened = await openPlugin(echoGuest(), { isolation: 'worker' });
    turn();
    const callsInTurn = new Map<number, number>();
    for (let call = 0; call < 2_000; call++) {
      await opened.plugin.healthy();
      callsInTurn.set(turns, (callsInTurn.get(turns) ?? 0) + 1);
    }
    isDone = true;
    // Sixteen that are there at once, and few more that come by messages; all of them without such turns.
    expect(Math.max(...callsInTurn.values())).toBeLessThanOrEqual(32);
  });

  test('that answers quickly answers after what its guest has logged', async () => {
    await using opened = await openPlugin(echoGuest(), { isolation: 'worker' });
    for (let call = 1; call <= 500; call++) {
      await opened.plugin.execute('echo', { message: 'a' });
      expect(opened.lines.length).toBe(2 * call);
    }
  });

  test('that idles does not keep the process alive, and prints nothing', () => {
    const program = `
      import { createRuntime } from '@lockgate/runtime';
      const plugin = await (await createRuntime()).loadPlugin(Buffer.from(process.argv[1], 'base64'));
      console.log((await plugin.execute('echo', { message: 'done' })).data);
    `;
    const bytes = Buffer.from(echoGuest()).toString('base64');
    const cwd = fileURLToPath(new URL('../..', import.meta.url));
    const args = ['--input-type=module', '--eval', program, bytes];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8', timeout: 60_000 });
    expect({ stdout, stderr, status }).toEqual({ stdout: 'done\n', stderr: '', status: 0 });
  });
});
