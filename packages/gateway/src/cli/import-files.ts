import { resolve } from 'node:path';
import { clientOf } from '../clients/clients.ts';
import { IMPORTED_CLIENTS } from '../clients/ids.ts';
import { type ImportPlan, planImport } from '../clients/plan-import.ts';
import { readEnvFile } from '../config/env-file.ts';
import { collectSecrets, createRedactor } from '../config/secrets.ts';
import { findDefault } from './config-options.ts';
import { type ConfigTarget, differenceOf, openTarget, readIfAny, withEntries, writeTarget } from './config-target.ts';
import { describeImport, describeVariables, paintDifference } from './describe-import.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { machineOf } from './machine.ts';
import { namedClient } from './named-client.ts';
import { nextSteps } from './next-steps.ts';
import { printable, underHome } from './printable.ts';
import { type ReadFiles, readClientFiles } from './read-client-files.ts';
import { painter, type Terminal, wantsColor } from './terminal.ts';
import { hasUnset, writeSecrets } from './write-secrets.ts';

export interface ImportOptions {
  readonly from?: string;
  readonly to?: string;
  readonly write?: boolean;
  readonly dryRun?: boolean;
  readonly rename?: boolean;
  readonly secrets?: string;
  readonly json?: boolean;
}

/** Carries `lockgate import` out. */
export async function importFiles(paths: readonly string[], options: ImportOptions, terminal: Terminal): Promise<void> {
  if (options.write === true && options.dryRun === true)
    throw new CommandFailure('--write and --dry-run want the opposite; keep one', EXIT.usage);
  if (options.secrets !== undefined && options.write !== true)
    throw new CommandFailure('--secrets goes with --write', EXIT.usage);
  const { workingFolder } = terminal;
  const from = options.from === undefined ? undefined : clientOf(namedClient(options.from, IMPORTED_CLIENTS));
  const read = await readClientFiles(paths, from, terminal);
  if (read.files.length === 0) throw new CommandFailure(read.problems.join('\n'), EXIT.usage);

  const target = await openTarget(await targetPath(options.to, workingFolder));
  const { files } = read;
  const renames = options.rename === true;
  const environment = { ...(await secretsIfAny(options.secrets, terminal)), ...terminal.environment };
  const plan = planImport({ files, existing: target.tree, folder: target.folder, environment, renames });
  await carryOut({ plan, read, target, options }, terminal);
  if (read.problems.length > 0) throw new CommandFailure(read.problems.join('\n'));
}

/** The configuration that is added to where none is named. */
async function targetPath(named: string | undefined, folder: string): Promise<string> {
  return resolve(folder, named ?? (await findDefault(folder)) ?? 'lockgate.json');
}

/** What a file of secrets holds already; nothing where there is none. */
async function secretsIfAny(
  file: string | undefined,
  { workingFolder }: Terminal,
): Promise<Readonly<Record<string, string | undefined>>> {
  if (file === undefined) return {};
  const path = resolve(workingFolder, file);
  return (await readIfAny(path)) === undefined ? {} : readEnvFile(path);
}

/** Whether more of a secret place stands in the file than variables and a scheme. */
function isWrittenOut(value: string): boolean {
  return !/^(\w+\s+)?(\$\{[^}]*\})+$/.test(value);
}

interface Work {
  readonly plan: ImportPlan;
  readonly read: ReadFiles;
  readonly target: ConfigTarget;
  readonly options: Pick<ImportOptions, 'write' | 'secrets' | 'json'>;
}

async function carryOut({ plan, read, target, options }: Work, terminal: Terminal): Promise<void> {
  const added = plan.outcomes.flatMap(({ to }) => to ?? []);
  const next = await withEntries(target, added);
  const hasNews = added.length > 0;
  if (options.secrets !== undefined && hasNews)
    await writeSecrets(resolve(terminal.workingFolder, options.secrets), plan);
  const written = options.write === true && hasNews ? await writeTarget(target, next) : undefined;
  const notes = read.files.flatMap((file) => file.notes);
  if (options.json === true) {
    const { outcomes, variables } = plan;
    const { problems } = read;
    const report = { to: target.path, written: written !== undefined, outcomes, variables, problems, notes };
    terminal.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  const paint = painter(wantsColor(terminal));
  const { home } = machineOf(terminal);
  // The configuration may hold secrets of its own near what is added.
  const redact = createRedactor([...collectSecrets(target.tree).filter(isWrittenOut), ...plan.values.values()]);
  if (hasNews && written === undefined) {
    const color = wantsColor(terminal, terminal.stdout);
    terminal.stdout.write(paintDifference(redact(await differenceOf(target, next)), color));
  }
  for (const note of notes) terminal.stderr.write(`${paint('yellow', 'note:')} ${underHome(printable(note), home)}\n`);
  terminal.stderr.write(describeImport(plan.outcomes, home, paint));
  terminal.stderr.write(describeVariables(plan, hasNews ? options.secrets : undefined, home, paint));
  const isFirst = target.text === undefined;
  if (!hasNews) terminal.stderr.write(`\nThere is nothing to add to ${target.path}.\n`);
  else if (written === undefined)
    terminal.stderr.write(
      `\nNothing has been written: add --write to ${isFirst ? 'make' : 'change'} ${target.path}.\n`,
    );
  else {
    const before = written.backup === undefined ? '' : ` (as it was before: ${written.backup})`;
    const env = hasUnset(plan) ? options.secrets : undefined;
    terminal.stderr.write(`\nWritten: ${written.path}${before}\n${nextSteps(target.path, env, terminal)}`);
  }
}
