import { type ChildProcess, spawn } from 'node:child_process';
import { HAS_GROUPS, type ProcessGroup } from './process-group.ts';

/** What of a program that runs is used, whichever process has started it. */
export type Spawned = Pick<ChildProcess, 'pid' | 'stdin' | 'stdout' | 'stderr' | 'exitCode' | 'signalCode' | 'unref'> &
  Pick<NodeJS.EventEmitter, 'on' | 'once'> & {
    /** What it is ended by. @default the process group that it leads */
    readonly group?: Pick<ProcessGroup, 'signal' | 'goneWithin'>;
    /** How it ended, where that is more than a code or a signal. */
    readonly endReason?: string | undefined;
  };

export interface SpawnOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** All its variables. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
}

/** Starts a program with three pipes, as the leader of a process group; rejects with an error that has the system's code. */
export type Spawn = (options: SpawnOptions) => Promise<Spawned>;

/** Starts it from this very process, whose memory map is copied for it: that takes some 60 ms for each GB of it. */
export async function spawnHere({ command, args, env, cwd }: SpawnOptions): Promise<Spawned> {
  const child = spawn(command, args, {
    cwd,
    env: { ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: HAS_GROUPS,
    windowsHide: true,
  });
  const { promise: spawned, resolve, reject } = Promise.withResolvers<void>();
  child.once('spawn', resolve);
  child.once('error', reject);
  await spawned;
  child.on('error', () => {});
  return child;
}
