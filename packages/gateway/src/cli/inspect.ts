import { resolve } from 'node:path';
import { type ComponentReport, looksLikeCommand, type ModuleReport } from '@lockgate/abi';
import type { Command } from 'commander';
import { entriesOfFile, type FileUse } from '../modules/entries-of-file.ts';
import { dialectOf, type Inspection, inspectFile, TOLD_BY_EXPORTS } from '../modules/inspect-file.ts';
import { shortened } from '../shortened.ts';
import { openConfigIfAny } from './config-options.ts';
import { describeGrants, mebibytes } from './describe-grants.ts';
import { CommandFailure } from './exit-code.ts';
import { columns, type Paint, painter, type Terminal, wantsColor } from './terminal.ts';

const NO_DIALECT = `neither ${TOLD_BY_EXPORTS.map(({ title }) => title).join(' nor ')}`;

/** Of types that are written out, in characters. */
const LONGEST_SIGNATURE = 200;

/** `lockgate inspect <file.wasm...>`. */
export function addInspectCommand(program: Command, terminal: Terminal): void {
  program
    .command('inspect')
    .description(
      'say what a WebAssembly module is, without running it: its ABI, imports, exports, memory, and what it lacks',
    )
    .argument('<file...>', 'modules')
    .option(
      '-c, --config <file>',
      'a configuration that says what it is granted (default: that of this folder, if any)',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
"wants" is what it asks for and no guest has by itself, "gets" what the entries of the configuration that have its file give it of that.

Exit codes: 0 usable, 1 a module is not usable, 2 wrong command line.

Examples:
  lockgate inspect textkit.wasm
  lockgate inspect --json guards/*.wasm | jq '.[].report.abi'
`,
    )
    .action(async (files: readonly string[], options: { json?: boolean; config?: string }) => {
      const { workingFolder } = terminal;
      const usesOf = await readUses(options, terminal);
      const inspections = await Promise.all(
        files.map(async (file) => {
          const found = await inspectFile(file, workingFolder);
          return found.report ? { ...found, gets: usesOf(resolve(workingFolder, file)) } : found;
        }),
      );
      const paint = painter(wantsColor(terminal, terminal.stdout));
      terminal.stdout.write(
        options.json
          ? `${JSON.stringify(inspections, null, 2)}\n`
          : inspections.map((one) => describe(one, paint)).join('\n'),
      );
      const unusable = inspections.filter(({ usable }) => !usable);
      if (unusable.length > 0) throw new CommandFailure(`not usable: ${unusable.map(({ file }) => file).join(', ')}`);
    });
}

/** An inspection with what the module is granted. */
type Inspected = Inspection & { readonly gets?: readonly FileUse[] };

/** A configuration that nobody has named may be of something else, and broken: it says nothing then. */
async function readUses(
  options: { readonly config?: string },
  terminal: Terminal,
): Promise<(path: string) => readonly FileUse[]> {
  try {
    const { config } = await openConfigIfAny(options, terminal);
    return (path) => entriesOfFile(path, config);
  } catch (error) {
    if (options.config !== undefined) throw error;
    return () => [];
  }
}

function describe(inspected: Inspected, paint: Paint): string {
  const { file, usable, problems, remedies, byteLength, sha256, report, wants = [], gets = [] } = inspected;
  const kind = report === undefined ? 'not a module' : titleOf(report);
  const verdict = usable ? paint('green', 'usable') : paint('red', 'not usable');
  const rows: string[][] = [];
  if (byteLength !== undefined && sha256 !== undefined) rows.push(['size', `${byteLength} bytes`], ['sha256', sha256]);
  if (report !== undefined) rows.push(...describeGrants(report, wants, gets), ...describeReport(report));
  const lines = [
    ...problems.map((problem) => `  ${paint('red', 'problem')}  ${problem}\n`),
    ...(report?.notes ?? []).map((note) => `  ${paint('yellow', 'note')}     ${note}\n`),
    ...remedies.map((remedy) => `  ${paint('yellow', 'to do')}    ${remedy}\n`),
  ];
  return `${paint('bold', file)}: ${kind}, ${verdict}\n${columns(rows, '  ')}${lines.join('')}`;
}

function titleOf(report: ModuleReport): string {
  if (looksLikeCommand(report)) return `whole server (${serverKind(report)}, "wasm" of an entry of "mcpServers")`;
  return dialectOf(report)?.title ?? NO_DIALECT;
}

function serverKind({ component }: ModuleReport): string {
  if (component === undefined) return 'a command of WASI preview 1';
  return component.serves === 'http' ? 'a component that serves HTTP' : 'a component with wasi:cli/run';
}

function describeReport(report: ModuleReport): string[][] {
  if (report.component) return describeComponent(report, report.component);
  const { memory, start, allocator, imports, exports } = report;
  const rows: string[][] = [];
  if (memory) {
    const { minPages, maxPages, pageBytes } = memory;
    const most = maxPages === undefined ? 'no maximum of its own' : `at most ${mebibytes(maxPages * pageBytes)}`;
    const traits = [memory.imported && 'imported', memory.shared && 'shared', memory.is64 && '64 bit'].filter(Boolean);
    rows.push(['memory', [`${mebibytes(minPages * pageBytes)} at the start`, most, ...traits].join(', ')]);
  }
  if (!looksLikeCommand(report)) {
    if (dialectOf(report)?.allocator) {
      rows.push(['allocator', allocator ? `${allocator.allocate}, ${allocator.free}` : 'none']);
    }
    rows.push(['start', start ?? 'none']);
  }
  // Go imports what two of its packages need once for each.
  const asked = new Set(
    imports.map(
      ({ module, name, signature, problem }) =>
        `${module}.${name} ${signature ?? ''}${problem === undefined ? '' : '  (not supplied)'}`,
    ),
  );
  [...asked].forEach((entry, index) => {
    rows.push([index === 0 ? 'imports' : '', entry]);
  });
  exports.forEach(({ name, kind, signature }, index) => {
    rows.push([index === 0 ? 'exports' : '', `${name} ${signature ?? kind}`]);
  });
  return rows;
}

/** What a component has of imports is much, and of one kind: interfaces are named, and functions where none supplies them. */
function describeComponent(report: ModuleReport, { coreModules, refused }: ComponentReport): string[][] {
  const { imports, exports } = report;
  const interfaces = Map.groupBy(imports, ({ module }) => module);
  const labelled = (label: string, entries: readonly string[]): string[][] =>
    entries.map((entry, index) => [index === 0 ? label : '', entry]);
  return [
    ['core modules', String(coreModules)],
    ...labelled(
      'imports',
      [...interfaces].map(([name, functions]) => {
        const lacking = functions.filter(({ supported }) => !supported).map((one) => one.name);
        return `${name || 'no interface'}${lacking.length === 0 ? '' : `  (not supplied: ${lacking.join(', ')})`}`;
      }),
    ),
    ...labelled(
      'tools',
      exports.map(({ name, signature = '' }) => `${name} ${shortened(signature, LONGEST_SIGNATURE)}`),
    ),
    ...labelled(
      'no tools',
      refused.map(({ name, reason }) => `${name}: ${reason}`),
    ),
  ];
}
