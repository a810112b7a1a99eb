import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type ClientEntry, EXPORTED_CLIENTS, exportEntry } from '../clients/export-entry.ts';
import { frontedServers } from '../clients/fronted-servers.ts';
import { readClientFile } from '../clients/read-client-file.ts';
import { isTree } from '../clients/tree.ts';
import { entrySnippet, writeEntries } from '../clients/write-entry.ts';
import { findDefault } from './config-options.ts';
import { readIfAny } from './config-target.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { machineOf } from './machine.ts';
import { type GatewayReach, reachGateway } from './reach-gateway.ts';
import { namedClient } from './read-client-files.ts';
import type { Terminal } from './terminal.ts';
import { writeWithBackup } from './write-with-backup.ts';

/** `lockgate export <client>`. */
export function addExportCommand(program: Command, terminal: Terminal): void {
  program
    .command('export')
    .description("print the entry that a client needs for this gateway, or put it into the client's file")
    .argument('<client>', EXPORTED_CLIENTS.join(', '))
    .option('-c, --config <file>', 'configuration file (default: lockgate.json and the like in this folder)')
    .option('--http', 'the client reaches the gateway at its address (the default where the client can)')
    .option('--stdio', 'the client starts the gateway itself')
    .option('--name <name>', 'what the client calls it', 'lockgate')
    .option('--write', "put it into the client's file; what was there before is kept beside it")
    .option('--file <file>', "with --write: the client's file, where it is not in its usual place")
    .option('--replace', 'with --write: take out the servers that the gateway has as well')
    .addHelpText(
      'after',
      `
Examples:
  lockgate export cursor
  lockgate export claude-desktop --write
  lockgate export vscode --write --file .vscode/mcp.json --replace
`,
    )
    .action((client: string, options: ExportOptions) => exportTo(client, options, terminal));
}

interface ExportOptions {
  readonly config?: string;
  readonly http?: boolean;
  readonly stdio?: boolean;
  readonly name: string;
  readonly write?: boolean;
  readonly file?: string;
  readonly replace?: boolean;
}

async function exportTo(id: string, options: ExportOptions, terminal: Terminal): Promise<void> {
  const client = namedClient(id, EXPORTED_CLIENTS);
  if (options.http === true && options.stdio === true)
    throw new CommandFailure('--http and --stdio want the opposite; keep one', EXIT.usage);
  for (const flag of ['file', 'replace'] as const)
    if (options[flag] !== undefined && options.write !== true)
      throw new CommandFailure(`--${flag} goes with --write`, EXIT.usage);
  const config =
    options.config === undefined
      ? await findDefault(terminal.workingFolder)
      : resolve(terminal.workingFolder, options.config);
  const isProgram = options.stdio === true || (id === 'claude-desktop' && options.http !== true);
  const gateway = await reachGateway({ config, isProgram, name: options.name }, terminal);
  const entries = gateway.reaches.map(({ name, reach }) => {
    const made = exportEntry(id, name, reach);
    if ('problem' in made) throw new CommandFailure(`${client.name}: ${made.problem}`, EXIT.usage);
    return made;
  });
  if (options.write !== true) {
    terminal.stdout.write(await entrySnippet(entries));
    const [place] = client.places(machineOf(terminal));
    say([...remarksOf(entries), `it goes into ${place}; --write puts it there`], terminal);
    return;
  }
  const [usual = ''] = client.places(machineOf(terminal));
  const path = options.file === undefined ? usual : resolve(terminal.workingFolder, options.file);
  const removed = options.replace === true ? await fronted(path, id, gateway, terminal) : [];
  await write(path, entries, removed, terminal);
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
  const { backup } = await writeWithBackup(path, before, next);
  const kept = backup === undefined ? '' : ` (as it was before: ${backup})`;
  say(
    [
      `written: ${names} into ${path}${kept}`,
      ...(removed.length > 0 ? [`taken out, since the gateway has them: ${removed.join(', ')}`] : []),
      ...remarksOf(entries),
      'start the client again, so that it reads its file',
    ],
    terminal,
  );
}

/** The servers of the client's file that the gateway has as well. */
async function fronted(
  path: string,
  id: string,
  gateway: GatewayReach,
  terminal: Terminal,
): Promise<readonly string[]> {
  const text = await readIfAny(path);
  if (text === undefined || text.trim() === '' || !isTree(gateway.tree)) return [];
  const { home } = machineOf(terminal);
  const { found } = await readClientFile(path, text, home, namedClient(id, EXPORTED_CLIENTS));
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
