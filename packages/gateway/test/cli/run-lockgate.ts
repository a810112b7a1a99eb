import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runProgram } from '../../src/cli/program.ts';

export interface LockgateRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LockgateWorld {
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingFolder?: string;
  readonly stdin?: string;
  /** Whether stderr is one. @default false */
  readonly isTerminal?: boolean;
  /** Columns of the terminal that stdout is; none where it is absent. */
  readonly width?: number;
}

/** Runs the command line in this process, in a world of its own. */
export async function runLockgate(args: readonly string[], world: LockgateWorld = {}): Promise<LockgateRun> {
  const stdout = Object.assign(
    new PassThrough(),
    world.width === undefined ? {} : { isTTY: true, columns: world.width },
  );
  const stderr = Object.assign(new PassThrough(), { isTTY: world.isTerminal === true });
  const code = await runProgram(args, {
    stdin: Readable.from(world.stdin === undefined ? [] : [world.stdin]),
    piped: world.stdin !== undefined,
    stdout,
    stderr,
    environment: world.environment ?? {},
    workingFolder: world.workingFolder ?? tmpdir(),
  });
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

/** A new folder with these files. */
export async function folderWith(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-cli-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}
