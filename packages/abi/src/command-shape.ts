import { WASI_FUNCTIONS, WASI_MODULE } from './capabilities/wasi.ts';
import { ModuleShapeError, UnknownImportError } from './errors.ts';
import type { ImportReport, ModuleReport } from './inspect.ts';
import { MISSING_MEMORY, missingFunction } from './module-shape.ts';

/** Ceiling on the linear memory of a command, where nobody says otherwise, in bytes. */
export const COMMAND_CEILING_BYTES: number = 256 * 1024 * 1024;

const START = '_start';
const START_SIGNATURE = '() -> ()';
const UNSTABLE = 'wasi_unstable';
const NO_ENTRY_POINT = 'neither "wasi:cli/run" nor "wasi:http/incoming-handler" of WASI 0.2 is exported';

/** What keeps a module from running as a command, in plain words. */
export interface CommandProblems {
  readonly missing: readonly string[];
  readonly unknownImports: readonly { readonly module: string; readonly name: string; readonly problem: string }[];
}

/**
 * Whether a module looks like a whole server: a command of WASI preview 1, or a component with an entry point of WASI 0.2 and no function that could be
 * a tool.
 */
export function looksLikeCommand({ exports, dialect, component }: ModuleReport): boolean {
  if (component) return component.serves !== undefined && exports.length === 0;
  return dialect === undefined && exports.some(({ name, kind }) => name === START && kind === 'function');
}

/** Judges a module as a command. Sources: WASI preview 1, "application ABI"; WASI 0.2, worlds `wasi:cli/command` and `wasi:http/proxy`. */
export function commandProblems({
  exports,
  imports,
  memory,
  component,
  unknownImports: lacking,
}: ModuleReport): CommandProblems {
  if (component) return { missing: component.serves === undefined ? [NO_ENTRY_POINT] : [], unknownImports: lacking };
  const start = exports.find(({ name }) => name === START);
  const missing: string[] = [];
  if (start === undefined) missing.push(missingFunction(START, START_SIGNATURE));
  else if (start.signature !== START_SIGNATURE)
    missing.push(`"${START}" must be ${START_SIGNATURE}, found ${start.signature ?? `a ${start.kind}`}`);
  if (!exports.some(({ name, kind }) => name === 'memory' && kind === 'memory')) missing.push(MISSING_MEMORY);
  else if (memory?.is64) missing.push('the memory "memory" must be a 32-bit one, found a 64-bit one');
  const unknownImports = imports.flatMap((asked) => {
    const problem = commandImportProblem(asked);
    return problem === undefined ? [] : [{ module: asked.module, name: asked.name, problem }];
  });
  return { missing, unknownImports };
}

/** @throws ABI_WRONG_SHAPE, ABI_UNKNOWN_IMPORT where a module cannot run as a command. */
export function requireCommand(report: ModuleReport): void {
  const { missing, unknownImports } = commandProblems(report);
  if (missing.length > 0) throw new ModuleShapeError({ abi: 'command', missing });
  if (unknownImports.length > 0) throw new UnknownImportError(unknownImports);
}

function commandImportProblem({
  module,
  name,
  kind,
}: Pick<ImportReport, 'module' | 'name' | 'kind'>): string | undefined {
  if (kind !== 'function') return `a host supplies functions only, no ${kind}`;
  if (module === UNSTABLE) return 'of WASI before preview 1: build it with a newer toolchain';
  if (module !== WASI_MODULE) return `a host supplies "${WASI_MODULE}" only`;
  return WASI_FUNCTIONS.has(name) ? undefined : 'not in WASI preview 1';
}
