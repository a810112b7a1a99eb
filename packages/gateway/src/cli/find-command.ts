import { access, constants, readdir, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { argumentsInCommand } from '../config/arguments-in-command.ts';
import { nearest } from '../config/nearest.ts';
import type { StdioServerEntry } from '../config/servers-section.ts';

/** Why a server's program could not be started from here, found without starting it; undefined where nothing speaks against it. */
export async function commandProblem(
  { command, args, cwd, env }: StdioServerEntry,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const folder = cwd ?? '.';
  if (!(await isFolder(folder))) return `the folder "${folder}" ("cwd") does not exist`;
  const split = argumentsInCommand(command, args);
  if (command.includes('/')) return fileProblem(resolve(folder, command), command, split);
  const folders = (env.PATH ?? environment.PATH ?? '').split(delimiter).filter((path) => path !== '');
  for (const path of folders) if ((await fileProblem(join(path, command), command)) === undefined) return undefined;
  const problem = `the command "${command}" was not found on PATH`;
  if (split !== '') return problem + split;
  const names = await Promise.all(folders.map((path) => readdir(path).catch((): string[] => [])));
  const near = nearest(command, names.flat());
  return near === undefined ? problem : `${problem}; did you mean "${near}"?`;
}

async function fileProblem(path: string, command: string, hint = ''): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return `the command "${command}" is no file${hint}`;
  const isExecutable = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  return isExecutable ? undefined : `the command "${command}" may not be executed; check its permissions`;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
