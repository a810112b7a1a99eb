import { constants } from 'node:fs';
import { access, open, readdir, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { argumentsInCommand } from '../config/arguments-in-command.ts';
import { isModule } from '../config/is-module.ts';
import { nearest } from '../config/nearest.ts';
import type { Diagnosis } from '../diagnosis.ts';
import { quoted } from '../quoted.ts';
import { windowsProgram } from './windows-program.ts';

/** What is started: the part of an entry that says it. */
interface Startable {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** Where programs come from that many servers need. */
const INSTALLED_WITH: Readonly<Record<string, string>> = {
  npx: 'Node.js (https://nodejs.org)',
  node: 'Node.js (https://nodejs.org)',
  npm: 'Node.js (https://nodejs.org)',
  uvx: 'uv (https://docs.astral.sh/uv)',
  uv: 'uv (https://docs.astral.sh/uv)',
  docker: 'Docker (https://docs.docker.com/get-docker)',
  bunx: 'Bun (https://bun.sh)',
  deno: 'Deno (https://deno.com)',
};

const NAMED_AS_WASM = 'name it as "wasm" in place of "command"';

/** How much of a script is read for its first line. */
const FIRST_LINE_BYTES = 256;
/** How every module and component begins. */
const WASM = Buffer.from([0, 0x61, 0x73, 0x6d]);

/** Why a server's program could not be started from here, found without starting it; undefined where nothing speaks against it. */
export async function commandProblem(
  { command, args, cwd, env }: Startable,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Diagnosis | undefined> {
  const folder = cwd ?? '.';
  if (await isFile(folder)) return { problem: `"${folder}" ("cwd") is a file, no folder`, remedy: 'correct "cwd"' };
  if (!(await isFolder(folder))) {
    return { problem: `the folder "${folder}" ("cwd") does not exist`, remedy: 'make it, or correct "cwd"' };
  }
  const split = isModule(command)
    ? NAMED_AS_WASM
    : (windowsProgram(command, args) ?? argumentsInCommand(command, args).replace(/^; /, ''));
  if (command.includes('/')) return fileProblem(resolve(folder, command), command, split);
  const folders = (env.PATH ?? environment.PATH ?? '').split(delimiter).filter((path) => path !== '');
  let found: Diagnosis | undefined;
  for (const path of folders) {
    const file = join(path, command);
    if (!(await isFile(file))) continue;
    const problem = await fileProblem(file, command, split);
    if (problem === undefined) return undefined;
    found ??= problem;
  }
  if (found) return found;
  const problem = `the command "${command}" was not found on PATH`;
  if (split !== '') return { problem, remedy: split };
  const comesWith = INSTALLED_WITH[command];
  if (comesWith !== undefined) return { problem, remedy: `install ${comesWith}, or write its whole path` };
  const there = (await Promise.all(folders.map((path) => readdir(path).catch((): string[] => [])))).flat();
  const near = nearest(command, command.length > 2 ? [...Object.keys(INSTALLED_WITH), ...there] : there);
  if (near === undefined) return { problem, remedy: 'install it, or write its whole path' };
  const missing = there.includes(near) ? '' : ` It comes with ${INSTALLED_WITH[near]}`;
  return { problem, remedy: `did you mean "${near}"?${missing}` };
}

async function fileProblem(path: string, command: string, split: string): Promise<Diagnosis | undefined> {
  if (!(await isFile(path))) {
    const home = command.startsWith('~/') ? `"~" is left as it is here: write "\${HOME}${command.slice(1)}"` : '';
    return { problem: `the command "${command}" is no file`, remedy: split || home || `check the path ${path}` };
  }
  const { interpreter, endsInReturn, isWasm } = await firstLineOf(path);
  if (isWasm)
    return {
      problem: `the command "${command}" is WebAssembly, which no machine runs as a program`,
      remedy: NAMED_AS_WASM,
    };
  const isExecutable = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!isExecutable) {
    return {
      problem: `the command "${command}" may not be executed`,
      remedy: `make it executable (chmod +x ${quoted(path)}), or start it with the program that runs it`,
    };
  }
  if (endsInReturn) {
    return {
      problem: `the first line of the command "${command}" ends as lines of Windows do, with a carriage return`,
      remedy: `take them out: sed -i 's/\\r$//' ${quoted(path)}`,
    };
  }
  if (interpreter === undefined || (await isFile(interpreter))) return undefined;
  return {
    problem: `the command "${command}" wants ${interpreter}, which is not there`,
    remedy: `install that, or correct the first line of ${path}`,
  };
}

interface FirstLine {
  readonly interpreter?: string;
  readonly endsInReturn?: boolean;
  /** It is no script, but a module or a component. */
  readonly isWasm?: boolean;
}

/** What the first line of a script names, if it names anything. */
async function firstLineOf(path: string): Promise<FirstLine> {
  const file = await open(path).catch(() => undefined);
  if (!file) return {};
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(FIRST_LINE_BYTES) });
    if (buffer.subarray(0, bytesRead).indexOf(WASM) === 0) return { isWasm: true };
    const [line, interpreter] = /^#!\s*(\S+).*/.exec(buffer.toString('latin1', 0, bytesRead)) ?? [];
    if (line === undefined || interpreter === undefined) return {};
    return { interpreter, endsInReturn: buffer[line.length] === 0x0d };
  } catch {
    return {};
  } finally {
    await file.close();
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
