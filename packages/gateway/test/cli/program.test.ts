import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/whole-program.ts';
import { runLockgate } from './run-lockgate.ts';

function everyCommand(): string[][] {
  const found: string[][] = [];
  const walk = (command: ReturnType<typeof createProgram>, path: string[]): void => {
    for (const child of command.commands) {
      found.push([...path, child.name()]);
      walk(child, [...path, child.name()]);
    }
  };
  walk(createProgram(undefined as never), []);
  return found;
}

describe('the command line', () => {
  test.each(everyCommand().map((path) => [path.join(' '), path] as const))('%s explains itself', async (_, path) => {
    const { code, stdout } = await runLockgate([...path, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: lockgate ${path.join(' ')}`);
    expect(stdout).toMatch(/^Examples?\b.*:$/m);
  });

  test('names the nearest command and flag, and exits 2', async () => {
    const command = await runLockgate(['inspekt']);
    expect(command.code).toBe(2);
    expect(command.stderr).toContain('Did you mean inspect?');
    const flag = await runLockgate(['serve', '--lisen', 'x']);
    expect(flag.code).toBe(2);
    expect(flag.stderr).toContain('Did you mean --listen?');
  });

  test('is the same for serve, for which no other command is read', async () => {
    const { stdout } = await runLockgate(['serve', '--help']);
    expect((await runLockgate(['help', 'serve'])).stdout).toBe(stdout);
  });

  test('prints its version', async () => {
    expect(await runLockgate(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});
