import { dirname, join, resolve } from 'node:path';
import type { FoundEntry } from '../clients/client.ts';
import { planImport } from '../clients/plan-import.ts';
import type { ReadFile } from '../clients/read-client-file.ts';
import { quoted } from '../quoted.ts';
import { askForServers, askForWriting } from './ask.ts';
import { findDefault } from './config-options.ts';
import { openTarget, withEntries, writeTarget } from './config-target.ts';
import { describeImport, describeVariables } from './describe-import.ts';
import { EXAMPLE_CONFIG } from './example-config.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { keyOf } from './found-key.ts';
import { machineOf } from './machine.ts';
import { nextSteps } from './next-steps.ts';
import { printable, underHome } from './printable.ts';
import { discoverClientFiles, type ReadFiles } from './read-client-files.ts';
import { columns, painter, type Terminal, wantsColor } from './terminal.ts';
import { hasUnset, writeSecrets } from './write-secrets.ts';

export interface InitOptions {
  readonly yes?: boolean;
  readonly to: string;
  readonly secrets?: string;
  readonly dryRun?: boolean;
}

/** Carries `lockgate init` out. */
export async function makeConfig(options: InitOptions, terminal: Terminal): Promise<void> {
  const path = resolve(terminal.workingFolder, options.to);
  const read = await discoverClientFiles(terminal);
  const target = await openTarget(path);
  const found = read.files.map(({ path }) => path);
  const there = target.text !== undefined ? path : await besides(path);
  if (there !== undefined) {
    const add =
      found.length > 0
        ? `lockgate import ${found.map(quoted).join(' ')} --write adds to it`
        : 'lockgate import <file> adds to it';
    throw new CommandFailure(`${there} is there already; ${add}, and --to names another file`, EXIT.usage);
  }
  terminal.stderr.write(describeFound(read, terminal));
  const isAsked = options.yes !== true && options.dryRun !== true && isInteractive(terminal);
  const chosen = isAsked && read.files.length > 0 ? await askForServers(read.files, terminal) : undefined;
  const plan = planImport({
    files: read.files,
    existing: {},
    folder: dirname(path),
    environment: terminal.environment,
    renames: false,
    ...(chosen === undefined
      ? {}
      : { isWanted: (entry: FoundEntry, file: ReadFile) => chosen.has(keyOf(entry, file)) }),
  });
  const added = plan.outcomes.flatMap(({ to }) => to ?? []);
  const next = added.length > 0 ? await withEntries(target, added) : EXAMPLE_CONFIG[target.format];
  const paint = painter(wantsColor(terminal));
  const { home } = machineOf(terminal);
  terminal.stderr.write(describeImport(plan.outcomes, home, paint));
  if (added.length === 0 && read.files.length > 0)
    terminal.stderr.write('\nNo server of a client goes into it: it has an example to begin with.\n');

  if (options.dryRun === true || (options.yes !== true && !isAsked)) {
    terminal.stdout.write(next);
    terminal.stderr.write(describeVariables(plan, undefined, home, paint));
    if (options.dryRun === true) return;
    throw new CommandFailure(
      `nothing has been written: there is nobody to ask; --yes makes ${path} as shown`,
      EXIT.usage,
    );
  }
  const wanted = isAsked ? await askForWriting(path, plan.values.size, options.secrets, terminal) : options;
  if (wanted === undefined) throw new CommandFailure('nothing has been written', EXIT.usage);
  const { secrets } = wanted;
  if (secrets !== undefined) await writeSecrets(resolve(terminal.workingFolder, secrets), plan);
  await writeTarget(target, next);
  terminal.stderr.write(describeVariables(plan, secrets, home, paint));
  terminal.stderr.write(`\nWritten: ${path}\n${nextSteps(path, hasUnset(plan) ? secrets : undefined, terminal)}`);
}

/** Another configuration in the same folder, which would be taken in the place of the new one. */
async function besides(path: string): Promise<string | undefined> {
  return path === join(dirname(path), 'lockgate.json') ? findDefault(dirname(path)) : undefined;
}

function isInteractive({ stdin, stderr }: Terminal): boolean {
  return (stdin as { isTTY?: boolean }).isTTY === true && stderr.isTTY === true;
}

function describeFound({ files, problems }: ReadFiles, terminal: Terminal): string {
  const paint = painter(wantsColor(terminal));
  const { home } = machineOf(terminal);
  const rows = files.map(({ client, found, path }) => {
    const count = found.filter((one) => 'entry' in one).length;
    return [
      paint('bold', client.name),
      `${count} ${count === 1 ? 'server' : 'servers'}`,
      underHome(printable(path), home),
    ];
  });
  const broken = problems
    .map(
      (problem) =>
        `${paint('yellow', 'note:')} ${underHome(printable(problem), home)}; none of its servers is taken until then\n`,
    )
    .join('');
  const notes = files
    .flatMap((file) => file.notes)
    .map((note) => `${paint('yellow', 'note:')} ${underHome(printable(note), home)}\n`)
    .join('');
  const nothing = 'No MCP client with a server was found on this machine.\n';
  return `${files.length > 0 ? `Found:\n${columns(rows, '  ')}` : nothing}${broken}${notes}`;
}
