import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import {
  builtInDialects,
  COMMAND_CEILING_BYTES,
  commandProblems,
  type Dialect,
  decodeComponent,
  inspectModule,
  isComponent,
  LockgateError,
  looksLikeCommand,
  type ModuleReport,
  neededFunctions,
} from '@lockgate/abi';
import { whyUnreadable } from '../config/why-unreadable.ts';
import { type GuestWant, guestWants } from './guest-wants.ts';
import { noModuleRemedy } from './no-module-remedy.ts';

/** A module as `inspect` shows it: the report, and whether the gateway could run it. */
export interface Inspection {
  readonly file: string;
  readonly usable: boolean;
  /** What stands in the way, in plain words. */
  readonly problems: readonly string[];
  /** What to do about it. */
  readonly remedies: readonly string[];
  readonly byteLength?: number;
  readonly sha256?: string;
  readonly report?: ModuleReport;
  /** What it asks for that its entry has to grant. */
  readonly wants?: readonly GuestWant[];
}

/** What is built as a program works here only if it needs nothing that its `_start` prepares. */
const BUILD_AS_REACTOR =
  'its _start is never called: if it traps when it is loaded, build it as a reactor (Go: -buildmode=c-shared; C: -mexec-model=reactor)';

/** The dialects that are known by what a module exports: what resembles none of them may have been meant as one. */
export const TOLD_BY_EXPORTS: readonly Dialect[] = builtInDialects.filter((dialect) => dialect.exports.length > 0);

const COMPOSE = 'or compose it with a component that exports them (wac plug)';

const LESS_MEMORY = 'build it with less memory, or raise "limits.memoryCeilingBytes" of its entry';

/** The dialect that a module speaks, as far as it speaks one. */
export function dialectOf({ dialect: id }: ModuleReport): Dialect | undefined {
  return builtInDialects.find((dialect) => dialect.id === id);
}

/**
 * Reads a module and judges it by the dialect that it resembles; a file that cannot be read is judged as well.
 *
 * @param ceilingBytes - How much linear memory it may have. @default the dialect's ceiling
 */
export async function inspectFile(file: string, folder = '.', ceilingBytes?: number): Promise<Inspection> {
  let bytes: Uint8Array;
  try {
    // Loaded with the first file that is looked at: a start without guests does not need the runtime, of eight megabytes.
    const { readModule } = await import('@lockgate/runtime');
    bytes = await readModule(resolve(folder, file));
  } catch (error) {
    return {
      file,
      usable: false,
      problems: [whyUnreadable(error)],
      remedies: [unreadableRemedy((error as NodeJS.ErrnoException).code)],
    };
  }
  const facts = { file, byteLength: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
  try {
    const report = inspectModule(bytes);
    if (!isValid(bytes)) {
      const remedies = ['build it again; if it uses features newer than this Node.js, build it without them'];
      return { ...facts, usable: false, problems: ['its code is not valid WebAssembly'], remedies, report };
    }
    const { problems, remedies } = judge(report, ceilingBytes);
    return { ...facts, usable: problems.length === 0, problems, remedies, report, wants: guestWants(report) };
  } catch (error) {
    if (!LockgateError.isInstance(error)) throw error;
    return { ...facts, usable: false, problems: [error.message], remedies: [noModuleRemedy(bytes)] };
  }
}

function unreadableRemedy(code: string | undefined): string {
  if (code === 'EACCES' || code === 'EPERM') return 'let the user who runs this read it';
  return code === 'EISDIR' ? 'name a file in it' : 'check the path, or build the guest first';
}

/** Whether the engine takes the code: of a component, that of each core module in it. */
function isValid(bytes: Uint8Array): boolean {
  const modules = isComponent(bytes)
    ? decodeComponent(bytes).modules.map(({ start, end }) => bytes.subarray(start, end))
    : [bytes];
  return modules.every((code) => WebAssembly.validate(code as Uint8Array<ArrayBuffer>));
}

function judge(report: ModuleReport, ceilingBytes?: number): Pick<Inspection, 'problems' | 'remedies'> {
  return looksLikeCommand(report) ? judgeCommand(report, ceilingBytes) : judgeGuest(report, ceilingBytes);
}

function judgeCommand(report: ModuleReport, ceilingBytes?: number): Pick<Inspection, 'problems' | 'remedies'> {
  const { missing, unknownImports } = commandProblems(report);
  const isOfComponents = report.component !== undefined;
  const lacking = unknownImports.map((one) =>
    isOfComponents ? importProblem(one, true) : `${one.module}.${one.name}: ${one.problem}`,
  );
  const problems = [...missing, ...lacking];
  const target = isOfComponents ? 'WASI 0.2 (wasm32-wasip2)' : 'WASI preview 1 (wasm32-wasip1, GOOS=wasip1)';
  const remedies = problems.length > 0 ? [`build it for ${target}; see docs/whole-servers.md`] : [];
  const tooLarge = aboveCeiling(report, ceilingBytes ?? COMMAND_CEILING_BYTES, 'whole server');
  if (tooLarge !== undefined) {
    problems.push(tooLarge);
    remedies.push(LESS_MEMORY);
  }
  return { problems, remedies };
}

function judgeGuest(report: ModuleReport, ceilingBytes?: number): Pick<Inspection, 'problems' | 'remedies'> {
  const { missing, unknownImports, memory, startProblem } = report;
  const dialect = dialectOf(report);
  const problems = [...missing, ...unknownImports.map((one) => importProblem(one, report.component !== undefined))];
  const remedies: string[] = [];
  const page = (dialect ? [dialect] : TOLD_BY_EXPORTS).map(({ guide }) => guide).join(' or ');
  if (startProblem !== undefined)
    remedies.push(`build it with -buildmode=c-shared, which makes a reactor; see ${page}`);
  if (missing.some((problem) => problem !== startProblem)) {
    remedies.push(`export what is missing and build again; see ${page}`);
  }
  // What the dialect knows an import to be is told with what to do.
  const explained = report.imports.filter((one) => one.problem && dialect?.explainImport?.(one) !== undefined);
  if (explained.length > 0) remedies.push(`build it as is said there; see ${page}`);
  if (unknownImports.length > explained.length) {
    const target = report.component ? `WASI 0.2, ${COMPOSE}` : 'WASI preview 1';
    remedies.push(`build without these imports, e.g. for ${target}; see ${page}`);
  }
  const needed = dialect ? neededFunctions(dialect, report.imports) : [];
  if (needed.length > 0) {
    const names = needed.map((name) => `"${name}"`).join(', ');
    problems.push(`it imports functions of the program that embeds it, which no configuration gives: ${names}`);
    remedies.push(
      `build it without them, or run it in a program of your own (\`functions\` of @lockgate/runtime); see ${page}`,
    );
  }
  const tooLarge = dialect && aboveCeiling(report, ceilingBytes ?? dialect.memoryCeilingBytes, dialect.title);
  if (tooLarge !== undefined) {
    problems.push(tooLarge);
    remedies.push(LESS_MEMORY);
  }
  if (memory?.is64) remedies.push('build for wasm32');
  const exported = new Set(report.exports.map(({ name }) => name));
  if (exported.has('_start') && !exported.has('_initialize') && report.start === undefined)
    remedies.push(BUILD_AS_REACTOR);
  return { problems, remedies };
}

/** Components import from many interfaces, so each is named. */
function importProblem(
  { module, name, problem }: ModuleReport['unknownImports'][number],
  namesImport: boolean,
): string {
  return namesImport ? `${module === '' ? name : `${name} of ${module}`}: ${problem}` : problem;
}

function aboveCeiling({ memory }: ModuleReport, ceilingBytes: number, title: string): string | undefined {
  const initialBytes = (memory?.minPages ?? 0) * (memory?.pageBytes ?? 0);
  if (initialBytes <= ceilingBytes) return undefined;
  return `it starts with ${initialBytes} bytes of memory, above the ceiling of ${ceilingBytes} for a ${title}`;
}
