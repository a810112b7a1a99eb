import type { ServerEntryPoint } from './component/component-server.ts';
import type { RefusedFunction } from './component/component-tools.ts';
import { isComponent } from './component/decode-component.ts';
import { reportComponent } from './component/report-component.ts';
import type { AskedImport, Dialect, ExportReport } from './dialect.ts';
import { foundAllocator, importProblem, missingExports } from './dialect-rules.ts';
import { builtInDialects } from './dialect-table.ts';
import { ModuleShapeError, UnknownImportError } from './errors.ts';
import { findStart, startProblem } from './module-shape.ts';
import { recogniseDialect } from './recognise.ts';
import type { GuestRole } from './roles/role.ts';
import { type Declarations, readDeclarations } from './wasm/declarations.ts';
import { formatSignature, type Signature } from './wasm/types.ts';

/** An import, and why no host supplies it if none does. */
export interface ImportReport extends AskedImport {
  readonly supported: boolean;
  /** In plain words; there when it is not supported. */
  readonly problem?: string;
}

/** The exported memory as declared; sizes in pages of 65,536 bytes unless `pageBytes` says otherwise. */
export interface MemoryReport {
  readonly minPages: number;
  readonly maxPages?: number;
  readonly pageBytes: number;
  readonly imported: boolean;
  readonly shared: boolean;
  readonly is64: boolean;
}

/** What a module is, before anything of it runs. */
export interface ModuleReport {
  /** What the guest is for, by the dialect it resembles most; it keeps to that when `missing` and `unknownImports` are empty. */
  readonly abi: GuestRole | 'unknown';
  /** The id of that dialect; absent when it resembles none. */
  readonly dialect?: string;
  readonly imports: readonly ImportReport[];
  readonly exports: readonly ExportReport[];
  /** The memory exported as `memory`, or else the first one. */
  readonly memory?: MemoryReport;
  /** The function that the host will call once at the start; of several the first. */
  readonly start?: string;
  /** Why it could not be started, in plain words; stands in `missing` as well. Absent where nothing is known to be in the way. */
  readonly startProblem?: string;
  /** The exports that the host allocates and frees with; absent when there is no such pair. */
  readonly allocator?: { readonly allocate: string; readonly free: string };
  /** What the ABI asks for and the module lacks or has with another type; in plain words. */
  readonly missing: readonly string[];
  readonly unknownImports: readonly { readonly module: string; readonly name: string; readonly problem: string }[];
  /** What of it is of no use although it can be a guest, in plain words; absent where nothing is. */
  readonly notes?: readonly string[];
  /** Of components; their `exports` are the functions that are tools, each under its tool's name. */
  readonly component?: ComponentReport;
}

/** What is to be known of a component only. */
export interface ComponentReport {
  readonly coreModules: number;
  /** Functions that are no tools. */
  readonly refused: readonly RefusedFunction[];
  /** How it is spoken to as a whole server; absent where it has no entry point of one. */
  readonly serves?: ServerEntryPoint;
}

/**
 * Reports which dialect a module speaks, what it imports and exports, and what it lacks, without compiling it.
 *
 * @param dialects - The dialects to choose from. @default the built-in ones
 * @throws ABI_BAD_MODULE for anything that is not a readable WebAssembly module.
 */
export function inspectModule(bytes: Uint8Array, dialects: readonly Dialect[] = builtInDialects): ModuleReport {
  if (isComponent(bytes)) return inspectComponent(bytes, dialects);
  const declarations = readDeclarations(bytes);
  const exports = declarations.exports.map(({ name, kind, signature }) => describe({ name, kind }, signature));
  const asked = declarations.imports.map(({ module, name, kind, signature }) =>
    describe({ module, name, kind }, signature),
  );
  const dialect = recogniseDialect({ imports: asked, exports }, dialects);
  const imports = asked.map((one): ImportReport => {
    const problem = dialect ? importProblem(dialect, one) : commonProblem(dialects, one);
    return { ...one, supported: problem === undefined, ...(problem === undefined ? {} : { problem }) };
  });
  const memory = reportMemory(declarations);
  const isFunction = (name: string): boolean =>
    exports.some((entry) => entry.name === name && entry.kind === 'function');
  const start = dialect?.startNames ? dialect.startNames(isFunction)[0] : findStart(isFunction);
  const unstartable = startProblem(isFunction, declarations.customSections);
  const allocator = dialect && foundAllocator(dialect, exports);
  const notes = dialect?.notes?.({ imports: asked, exports }) ?? [];
  return {
    abi: dialect?.role ?? 'unknown',
    ...(dialect ? { dialect: dialect.id } : {}),
    imports,
    exports,
    ...(memory ? { memory } : {}),
    ...(start ? { start } : {}),
    ...(unstartable === undefined ? {} : { startProblem: unstartable }),
    ...(allocator ? { allocator } : {}),
    missing: [
      ...(dialect ? missingExports(dialect, exports, memory) : [resemblesNone(dialects)]),
      ...(unstartable === undefined ? [] : [unstartable]),
    ],
    unknownImports: imports.flatMap(({ module, name, problem }) => (problem ? [{ module, name, problem }] : [])),
    ...(notes.length > 0 ? { notes } : {}),
  };
}

/**
 * The dialect by which a module is a guest of this role. Of several it is the one that the module resembles most, and the
 * first where it resembles none.
 *
 * @throws ABI_WRONG_SHAPE listing all exports that are missing or of another type.
 * @throws ABI_UNKNOWN_IMPORT listing all imports that no host supplies.
 * @throws TypeError when no dialect of the table is for this role.
 */
export function requireAbi<R extends GuestRole>(
  report: ModuleReport,
  abi: R,
  dialects: readonly Dialect[] = builtInDialects,
): Extract<Dialect, { readonly role: R }> {
  const candidates = dialects.filter((one): one is Extract<Dialect, { readonly role: R }> => one.role === abi);
  if (report.component) return requireComponent(report, abi, candidates);
  const dialect = recogniseDialect(report, candidates) ?? candidates.find(({ link }) => link === undefined);
  if (dialect === undefined) throw new TypeError(`Expected a dialect for a ${abi} among "dialects", got none.`);
  const missing = [
    ...missingExports(dialect, report.exports, report.memory),
    ...(report.startProblem === undefined ? [] : [report.startProblem]),
  ];
  if (missing.length > 0) throw new ModuleShapeError({ abi, missing });
  const unknown = report.imports.flatMap((asked) => {
    const problem = importProblem(dialect, asked);
    return problem === undefined ? [] : [{ module: asked.module, name: asked.name, problem }];
  });
  if (unknown.length > 0) throw new UnknownImportError(unknown);
  return dialect;
}

function requireComponent<D extends Dialect>(report: ModuleReport, abi: GuestRole, candidates: readonly D[]): D {
  const dialect = candidates.find(({ link }) => link !== undefined);
  const missing = dialect ? report.missing : [`it is a component, and no ${abi} is one`];
  if (dialect === undefined || missing.length > 0) throw new ModuleShapeError({ abi, missing });
  if (report.unknownImports.length > 0) throw new UnknownImportError(report.unknownImports);
  return dialect;
}

function inspectComponent(bytes: Uint8Array, dialects: readonly Dialect[]): ModuleReport {
  const dialect = dialects.find(({ link }) => link !== undefined);
  const { component, imports, tools } = reportComponent(bytes);
  const why = component.refused.map(({ name, reason }) => `; "${name}": ${reason}`);
  return {
    abi: dialect?.role ?? 'unknown',
    ...(dialect ? { dialect: dialect.id } : {}),
    imports,
    exports: tools.map(({ name, signature }) => ({ name, kind: 'function', signature })),
    missing: tools.length > 0 ? [] : [`no function is exported that could be a tool${why.join('')}`],
    unknownImports: imports.flatMap(({ module, name, problem }) => (problem ? [{ module, name, problem }] : [])),
    component,
  };
}

function resemblesNone(dialects: readonly Dialect[]): string {
  const known = dialects.filter(({ exports }) => exports.length > 0);
  const kinds = known.map(
    ({ title, exports }) => `of a ${title} (${exports.map(({ names }) => names.join(' or ')).join(', ')})`,
  );
  return `none of the functions ${kinds.join(' or ')} is exported`;
}

function reportMemory({ exports, memories }: Declarations): MemoryReport | undefined {
  const exported = exports.find(({ name, kind }) => name === 'memory' && kind === 'memory');
  const memory = memories[exported?.index ?? 0];
  if (!memory) return undefined;
  const { min, max, pageBytes, shared, is64 } = memory.limits;
  return {
    minPages: min,
    ...(max === undefined ? {} : { maxPages: max }),
    pageBytes,
    imported: memory.imported,
    shared,
    is64,
  };
}

/** Why no dialect supplies an import. */
function commonProblem(dialects: readonly Dialect[], asked: AskedImport): string | undefined {
  const problems = dialects.filter(({ link }) => link === undefined).map((dialect) => importProblem(dialect, asked));
  return problems.every((problem) => problem !== undefined) ? problems[0] : undefined;
}

function describe<T extends object>(entry: T, signature: Signature | undefined): T & { readonly signature?: string } {
  return signature ? { ...entry, signature: formatSignature(signature) } : entry;
}
