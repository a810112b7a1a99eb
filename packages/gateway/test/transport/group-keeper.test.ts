import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { GroupKeeper } from '../../src/transport/group-keeper.ts';
import { HAS_GROUPS } from '../../src/transport/process-group.ts';
import { isAlive } from '../fixtures/is-alive.ts';

const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** A program that leads a group of its own; a stubborn one ignores SIGTERM. */
async function program(isStubborn = false): Promise<number> {
  const script = `${isStubborn ? "process.on('SIGTERM', () => {});" : ''} console.log('up'); setInterval(() => {}, 1e6);`;
  const child = spawn(process.execPath, ['-e', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  started.push(child);
  await once(child.stdout, 'data');
  return child.pid as number;
}

const gone = (pid: number): Promise<void> => expect.poll(() => isAlive(pid)).toBe(false);

/** The keepers of this process. */
function keepers(): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' }).split('\n');
  return lines
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)/.exec(line))
    .filter((match) => Number(match?.[2]) === process.pid && !match?.[3]?.startsWith('Z'))
    .filter((match) => match?.[4]?.includes('lockgate-keeper'))
    .map((match) => Number(match?.[1]));
}

/** Opens a keeper that notes these, and finds its process. */
function keep(pids: readonly number[]) {
  const before = keepers();
  const keeper = new GroupKeeper();
  for (const pid of pids) keeper.note(pid);
  const shells = (): number[] => keepers().filter((pid) => !before.includes(pid));
  expect(shells()).toHaveLength(1);
  return { keeper, shell: shells()[0] as number, shells };
}

// On Windows there are no process groups to keep.
describe.runIf(HAS_GROUPS)('the keeper', () => {
  test('ends what is noted when its pipe ends, kills what ignores that, leaves alone what was taken off, and ends', async () => {
    const [plain, stubborn, free] = await Promise.all([program(), program(true), program()]);
    const { keeper, shell } = keep([plain, free, stubborn]);
    keeper.forget(free);
    keeper.close();
    await Promise.all([plain, stubborn, shell].map(gone));
    expect(isAlive(free)).toBe(true);
  });

  test('that has nothing to end ends at once', async () => {
    const pid = await program();
    const { keeper, shell } = keep([pid]);
    keeper.forget(pid);
    keeper.close();
    await gone(shell);
    expect(isAlive(pid)).toBe(true);
  });

  test('ignores what a terminal sends', async () => {
    const pid = await program();
    const { keeper, shell } = keep([pid]);
    // Before it has said anything it may not have come to its trap.
    await expect.poll(() => ignored(shell)).toBe(true);
    for (const signal of ['SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGTERM'] as const) process.kill(shell, signal);
    keeper.close();
    await gone(pid);
  });

  test('that was killed is replaced, and the new one knows the programs', async () => {
    const [before, after] = await Promise.all([program(), program()]);
    const { keeper, shell, shells } = keep([before, after]);
    keeper.forget(after);
    process.kill(shell, 'SIGKILL');
    await expect.poll(() => shells().filter((pid) => pid !== shell)).toHaveLength(1);
    keeper.close();
    await gone(before);
    expect(isAlive(after)).toBe(true);
  });
});

/** Whether a process has set SIGINT to be ignored, where that can be seen. */
function ignored(pid: number): boolean {
  if (process.platform !== 'linux') return true;
  const mask = execFileSync('ps', ['-o', 'ignored=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  return (Number.parseInt(mask.slice(-1), 16) & 2) !== 0;
}
