import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { pidOneNotes } from '../../src/cli/pid-one-notes.ts';
import { configSchema, type LockgateFile } from '../../src/config/schema.ts';
import { LockgateProcess } from '../e2e/lockgate-process.ts';

const notes = (mcpServers: NonNullable<LockgateFile['mcpServers']>, pid: number) =>
  pidOneNotes(configSchema.parse({ mcpServers }), pid);

describe('a gateway with programs', () => {
  const programs = { a: { command: 'x' } } as never;

  test('is told that zombies stay where it is PID 1, and how to have them gone', () => {
    expect(notes(programs, 1)).toEqual([expect.stringContaining('docker run --init')]);
    expect(notes(programs, 7)).toEqual([]);
  });

  test('is told nothing where no program is started', () => {
    expect(notes({ a: { command: 'x', disabled: true }, b: { url: 'http://127.0.0.1/mcp' } } as never, 1)).toEqual([]);
  });
});

const unshare = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child'] as const;
const canUnshare = spawnSync(unshare[0], [...unshare.slice(1), 'true']).status === 0;

test('serve says it once when it starts as PID 1, and serves', async ({ skip }) => {
  skip(!canUnshare, 'no new PID namespace can be made here');
  await using lockgate = await LockgateProcess.start({
    config: { gateway: { listen: '127.0.0.1:0' }, mcpServers: { a: { command: 'sh', args: ['-c', 'exit 1'] } } },
    under: unshare,
  });
  await lockgate.said(/server is down[\s\S]*in the JSON file/);
  expect(lockgate.stderr.match(/is PID 1 here/g)).toHaveLength(1);
});
