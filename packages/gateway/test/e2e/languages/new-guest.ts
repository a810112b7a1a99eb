import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOCKGATE } from '../../fixtures/lockgate-program.ts';

/** A folder that `lockgate new` has written, and a shell in it. */
export interface NewGuest {
  readonly folder: string;
  /** The commands that its README gives first, without those of `lockgate` itself. */
  readonly buildCommands: readonly string[];
  /** The same, those of `lockgate` alone. */
  readonly lockgateCommands: readonly string[];
  read(file: string): string;
  /** Runs commands as a user would, with `lockgate`. @throws with all output where one of them fails */
  run(...commands: readonly string[]): string;
}

/**
 * Calls `lockgate new` in an empty folder.
 *
 * @param args - After `new`; the last one is the name.
 * @param prelude - Shell lines before every command: what stands in for a tool, or where it is found.
 */
export function newGuest(args: readonly string[], prelude = ''): NewGuest {
  const place = mkdtempSync(join(tmpdir(), 'lockgate-new-'));
  const folder = join(place, args.at(-1) as string);
  const program = [process.execPath, ...LOCKGATE].map((word) => `"${word}"`).join(' ');
  const lockgate = `lockgate() { ${program} "$@"; }`;
  const runIn = (cwd: string, commands: readonly string[]): string => {
    const text = ['set -e', lockgate, prelude, ...commands].join('\n');
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', text], { cwd, encoding: 'utf8' });
    if (status !== 0) throw new Error(`"${commands.join('; ')}" ended with ${status}:\n${stdout}${stderr}`);
    return stdout + stderr;
  };
  runIn(place, [`lockgate new ${args.join(' ')}`]);
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const [, block = ''] = /^```sh\n(.*?)^```$/ms.exec(read('README.md')) ?? [];
  const commands = block.trimEnd().split('\n');
  return {
    folder,
    buildCommands: commands.filter((command) => !command.startsWith('lockgate ')),
    lockgateCommands: commands.filter((command) => command.startsWith('lockgate ')),
    read,
    run: (...lines) => runIn(folder, lines),
  };
}

/** Why a program is of no use here, for tests that are skipped without it; undefined where it is there. */
export function whyMissing(program: string, ...args: readonly string[]): string | undefined {
  const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status === 0) return undefined;
  return error ? `there is no ${program} here` : `${program} says: ${stderr.trim().split('\n')[0]}`;
}
