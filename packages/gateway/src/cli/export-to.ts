import { resolve } from 'node:path';
import { clientOf } from '../clients/clients.ts';
import { type ClientEntry, exportEntry } from '../clients/export-entry.ts';
import { frontedServers } from '../clients/fronted-servers.ts';
import { EXPORTED_CLIENTS, type ExportedClient } from '../clients/ids.ts';
import { parseClientText, readClientFile } from '../clients/read-client-file.ts';
import { childTree, isTree } from '../clients/tree.ts';
import { entrySnippet, writeEntries } from '../clients/write-entry.ts';
import { readEnvFile } from '../config/env-file.ts';
import { findDefault, noConfiguration } from './config-options.ts';
import { readIfAny } from './config-target.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { machineOf } from './machine.ts';
import { namedClient } from './named-client.ts';
import { type GatewayReach, reachGateway } from './reach-gateway.ts';
import type { Terminal } from './terminal.ts';
import { writeWithBackup } from './write-with-backup.ts';

export interface ExportOptions {
  readonly config?: string;
  readonly env?: string;
  readonly http?: boolean;
  readonly stdio?: boolean;
  readonly name: string;
  readonly write?: boolean;
  readonly file?: string;
  readonly replace?: boolean;
}

/** Carries `lockgate export` out. */
export async function exportTo(named: string, options: ExportOptions, terminal: Terminal): Promise<void> {
  const id = namedClient(named, EXPORTED_CLIENTS);
  const client = clientOf(id);
  if (options.http === true && options.stdio === true)
    throw new CommandFailure('--http and --stdio want the opposite; keep one', EXIT.usage);
  for (const flag of ['file', 'replace'] as const)
    if (options[flag] !== undefined && options.write !== true)
      throw new CommandFailure(`--${flag} goes with --write`, EXIT.usage);
  const config =
    options.config === undefined
      ? await findDefault(terminal.workingFolder)
      : resolve(terminal.workingFolder, options.config);
  if (config === undefined && options.write === true)
    throw noConfiguration(terminal.workingFolder, 'name one with --config <file>');
  const isProgram = options.stdio === true || (id === 'claude-desktop' && options.http !== true);
  const env = options.env === undefined ? undefined : resolve(terminal.workingFolder, options.env);
  if (env !== undefined && isProgram) await readEnvFile(env);
  const gateway = await reachGateway({ config, env, isProgram, name: options.name }, terminal);
  const entries = gateway.reaches.map(({ name, reach }) => {
    const made = exportEntry(id, name, reach);
    if ('problem' in made) throw new CommandFailure(`${client.name}: ${made.problem}`, EXIT.usage);
    return made;
  });
  if (options.write !== true) {
    terminal.stdout.write(await entrySnippet(entries));
    const [place] = client.places(machineOf(terminal));
    say([...gateway.remarks, ...remarksOf(entries), `it goes into ${place}; --write puts it there`], terminal);
    return;
  }
  const [usual = ''] = client.places(machineOf(terminal));
  const path = options.file === undefined ? usual : resolve(terminal.workingFolder, options.file);
  say(gateway.remarks, terminal);
  if (options.replace === true) return write(path, entries, await fronted(path, id, gateway, terminal), terminal);
  await write(path, entries, [], terminal);
  const twice = await fronted(path, id, gateway, terminal);
  if (twice.length === 0) return;
  const names = twice.join(', ');
  say(
    [`the client has ${names} as well, so those tools are there twice; --replace takes them out of its file`],
    terminal,
  );
}

async function write(
  path: string,
  entries: readonly ClientEntry[],
  removed: readonly string[],
  terminal: Terminal,
): Promise<void> {
  const before = await readIfAny(path);
  const next = await writeEntries(before ?? '', path, { entries, removed }).catch((error: unknown) => {
    throw error instanceof TypeError ? new CommandFailure(error.message) : error;
  });
  const names = entries.map(({ name }) => `"${name}"`).join(', ');
  if (next === before) return say([`${path} has ${names} already`], terminal);
  const isThere = await hasEntries(path, before, entries);
  const { backup } = await writeWithBackup(path, before, next);
  const kept = backup === undefined ? '' : ` (as it was before: ${backup})`;
  say(
    [
      `${isThere ? 'changed' : 'written'}: ${names} in ${path}${kept}`,
      ...(removed.length > 0 ? [`taken out, since the gateway has them: ${removed.join(', ')}`] : []),
      ...remarksOf(entries),
      'start the client again, so that it reads its file',
    ],
    terminal,
  );
}

/** Whether one of the entries replaces another of its name. */
async function hasEntries(path: string, text: string | undefined, entries: readonly ClientEntry[]): Promise<boolean> {
  if (text === undefined || text.trim() === '') return false;
  const { tree } = await parseClientText(path, text, '');
  return entries.some(({ form, name }) => Object.hasOwn(childTree(tree, form.section) ?? {}, name));
}

/** The servers of the client's file that the gateway has as well. */
async function fronted(
  path: string,
  id: ExportedClient,
  gateway: GatewayReach,
  terminal: Terminal,
): Promise<readonly string[]> {
  const text = await readIfAny(path);
  if (text === undefined || text.trim() === '' || !isTree(gateway.tree)) return [];
  const { home } = machineOf(terminal);
  const { found } = await readClientFile(path, text, home, clientOf(id));
  // Those of single projects come later in the file, and stay.
  const names = found.map(({ name }) => name);
  return frontedServers(
    found.filter(({ name }, index) => names.indexOf(name) === index),
    gateway.tree,
  );
}

function remarksOf(entries: readonly ClientEntry[]): readonly string[] {
  return [...new Set(entries.flatMap(({ remarks }) => remarks))];
}

function say(lines: readonly string[], terminal: Terminal): void {
  for (const line of lines) terminal.stderr.write(`${line}\n`);
}
