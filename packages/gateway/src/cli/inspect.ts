import { type ComponentReport, looksLikeCommand, type ModuleReport } from '@lockgate/abi';
import type { Command } from 'commander';
import { dialectOf, type Inspection, inspectFile, TOLD_BY_EXPORTS } from '../modules/inspect-file.ts';
import { shortened } from '../shortened.ts';
import { CommandFailure } from './exit-code.ts';
import { columns, type Paint, painter, type Terminal, wantsColor } from './terminal.ts';

const NO_DIALECT = `neither ${TOLD_BY_EXPORTS.map(({ title }) => title).join(' nor ')}`;

/** Of types that are written out, in characters. */
const LONGEST_SIGNATURE = 200;

/** By the function that asks for it. */
const WANTS = [
  ['path_open', 'files ("storage")'],
  ['environ_get', 'variables ("env")'],
  ['args_get', 'arguments ("args")'],
  ['sock_accept', 'sockets (never given)'],
] as const;

/** `lockgate inspect <file.wasm...>`. */
export function addInspectCommand(program: Command, terminal: Terminal): void {
  program
    .command('inspect')
    .description(
      'say what a WebAssembly module is, without running it: its ABI, imports, exports, memory, and what it lacks',
    )
    .argument('<file...>', 'modules')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 usable, 1 a module is not usable, 2 wrong command line.

Examples:
  lockgate inspect textkit.wasm
  lockgate inspect --json guards/*.wasm | jq '.[].report.abi'
`,
    )
    .action(async (files: readonly string[], options: { json?: boolean }) => {
      const inspections = await Promise.all(files.map((file) => inspectFile(file, terminal.workingFolder)));
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

function describe({ file, usable, problems, remedies, byteLength, sha256, report }: Inspection, paint: Paint): string {
  const kind = report === undefined ? 'not a module' : titleOf(report);
  const verdict = usable ? paint('green', 'usable') : paint('red', 'not usable');
  const rows: string[][] = [];
  if (byteLength !== undefined && sha256 !== undefined) rows.push(['size', `${byteLength} bytes`], ['sha256', sha256]);
  if (report !== undefined) rows.push(...describeReport(report));
  const lines = [
    ...problems.map((problem) => `  ${paint('red', 'problem')}  ${problem}\n`),
    ...remedies.map((remedy) => `  ${paint('yellow', 'to do')}    ${remedy}\n`),
  ];
  return `${paint('bold', file)}: ${kind}, ${verdict}\n${columns(rows, '  ')}${lines.join('')}`;
}

function titleOf(report: ModuleReport): string {
  if (looksLikeCommand(report)) return 'whole server (a command of WASI preview 1, "wasm" of an entry of "mcpServers")';
  return dialectOf(report)?.title ?? NO_DIALECT;
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
  if (looksLikeCommand(report)) rows.push(['wants', wantsOf(report)]);
  else {
    if (dialectOf(report)?.allocator) {
      rows.push(['allocator', allocator ? `${allocator.allocate}, ${allocator.free}` : 'none']);
    }
    rows.push(['start', start ?? 'none']);
  }
  imports.forEach(({ module, name, signature, problem }, index) => {
    rows.push([
      index === 0 ? 'imports' : '',
      `${module}.${name} ${signature ?? ''}${problem === undefined ? '' : '  (not supplied)'}`,
    ]);
  });
  exports.forEach(({ name, kind, signature }, index) => {
    rows.push([index === 0 ? 'exports' : '', `${name} ${signature ?? kind}`]);
  });
  return rows;
}

/** What a component has of imports is much, and of one kind: interfaces are named, and functions where none supplies them. */
function describeComponent({ imports, exports }: ModuleReport, { coreModules, refused }: ComponentReport): string[][] {
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

/** What a command asks for that it gets only where its entry grants it. Languages ask for much that a program never uses. */
function wantsOf({ imports }: ModuleReport): string {
  const wants = WANTS.filter(([function_]) => imports.some(({ name }) => name === function_)).map(([, what]) => what);
  return wants.length === 0 ? 'nothing that has to be granted' : wants.join(', ');
}

function mebibytes(bytes: number): string {
  return `${(bytes / (1024 * 1024)).toFixed(2).replace(/\.?0+$/, '')} MiB`;
}
