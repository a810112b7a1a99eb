import { constants, type Stats } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Diagnosis } from '../../diagnosis.ts';
import { type Finding, Findings } from '../finding.ts';
import type { MachineProbe } from './machine-probe.ts';

/** What the gateway writes into its log folder. */
const FILES = ['lockgate.log', 'audit.jsonl'];

/** Whether the folders that are written to can be, and the one of guards can be read. Nothing is made. */
export const folders: MachineProbe = async ({ config: { gateway } }) => {
  const { logDir, wasmGuardsDir } = gateway;
  const logs = logDir === undefined ? [] : await written('gateway.logDir', logDir, FILES);
  const guards = wasmGuardsDir === undefined ? [] : await read('gateway.wasmGuardsDir', wasmGuardsDir);
  return [...logs, ...guards];
};

async function written(key: string, folder: string, files: readonly string[]): Promise<readonly Finding[]> {
  const found = new Findings('folders', key);
  const place = { source: folder, key };
  const problem = await unwritable(folder);
  if (problem) return found.failure(problem, place).all;
  const existing = await stat(folder).catch(() => undefined);
  if (existing && isOpen(existing)) {
    const remedy = `chmod go-w ${folder}`;
    found.warning({ problem: `${folder} can be written to by everybody on this machine`, remedy }, place);
  }
  for (const name of files) {
    const file = join(folder, name);
    const isUsable = (await stat(file).catch(() => undefined)) === undefined || (await may(file, constants.W_OK));
    if (!isUsable)
      found.failure({ problem: `${file} cannot be written by this user`, remedy: `chown or remove it` }, place);
  }
  return found.all.length > 0 ? found.all : found.ok(`${folder} can be written to`).all;
}

async function read(key: string, folder: string): Promise<readonly Finding[]> {
  const found = new Findings('folders', key);
  const place = { source: folder, key };
  const existing = await stat(folder).catch(() => undefined);
  if (!existing?.isDirectory()) {
    const remedy = 'make it and put guards in it, or correct "wasmGuardsDir"; without it every call is denied';
    return found.failure({ problem: `the folder ${folder} is not there`, remedy }, place).all;
  }
  if (!(await may(folder, constants.R_OK | constants.X_OK)))
    return found.failure({ problem: `${folder} cannot be read by this user`, remedy: `chmod u+rx ${folder}` }, place)
      .all;
  return found.ok(`${folder} can be read`).all;
}

/** Why nothing can be written into a folder, which may not be there yet. */
async function unwritable(folder: string): Promise<Diagnosis | undefined> {
  const existing = await stat(folder).catch(() => undefined);
  if (!existing && dirname(folder) !== folder) return unwritable(dirname(folder));
  const remedy = 'choose another folder, or give this user the right to write there';
  if (!existing?.isDirectory())
    return { problem: `${folder} is no folder`, remedy: 'choose another folder, or move that file away' };
  if (!(await may(folder, constants.W_OK | constants.X_OK)))
    return { problem: `${folder} cannot be written to by this user`, remedy };
  return undefined;
}

/** Where there are no user ids, as on Windows, modes say nothing. */
function isOpen({ mode }: Stats): boolean {
  if (process.getuid === undefined) return false;
  const isSticky = (mode & 0o1000) !== 0;
  return (mode & 0o002) !== 0 && !isSticky;
}

async function may(path: string, how: number): Promise<boolean> {
  return access(path, how).then(
    () => true,
    () => false,
  );
}
