import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const SUBJECTS = fileURLToPath(new URL('../fixtures/subjects', import.meta.url));

/** What the program printed, and how it ended. */
export interface ProgramEnd {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

/** Runs the built program as a process, without vitest in its environment, among the fixtures' subjects or elsewhere. */
export function runProgram(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  { cwd = SUBJECTS, nodeOptions = [] as readonly string[] } = {},
): ProgramEnd {
  const { NODE_OPTIONS: _, VITEST: __, FORCE_COLOR: ___, NO_COLOR: ____, ...clean } = process.env;
  const { stdout, stderr, status } = spawnSync(process.execPath, [...nodeOptions, PROGRAM, ...args], {
    ...{ cwd, encoding: 'utf8' },
    env: { ...clean, ...environment },
  });
  return { stdout, stderr, status };
}
