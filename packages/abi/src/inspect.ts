import { ModuleShapeError, UnknownImportError } from './errors.ts';
import { GUARD_ALLOCATOR, GUARD_SIGNATURES } from './guard/exports.ts';
import { type AskedImport, type GuestKind, importProblem } from './host-imports.ts';
import { findStart, MISSING_MEMORY, missingFunction, type StartName } from './module-shape.ts';
import { PLUGIN_ALLOCATOR, PLUGIN_SIGNATURES } from './plugin/exports.ts';
import { type Declarations, type ExternKind, readDeclarations } from './wasm/declarations.ts';
import { formatSignature, type Signature } from './wasm/types.ts';

const NO_ABI =
  `none of the functions of a plugin (${Object.keys(PLUGIN_SIGNATURES).join(', ')}) ` +
  `or of a guard (${Object.keys(GUARD_SIGNATURES).join(', ')}) is exported`;

/** An import, and why no host supplies it if none does. */
export interface ImportReport extends AskedImport {
  readonly supported: boolean;
  /** In plain words; there when it is not supported. */
  readonly problem?: string;
}

export interface ExportReport {
  readonly name: string;
  readonly kind: ExternKind;
  /** Of functions, as `(i32, i32) -> i64`. */
  readonly signature?: string;
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
  /** The ABI that the module's exports resemble most; it keeps to it when `missing` and `unknownImports` are empty. */
  readonly abi: GuestKind | 'unknown';
  readonly imports: readonly ImportReport[];
  readonly exports: readonly ExportReport[];
  /** The memory exported as `memory`, or else the first one. */
  readonly memory?: MemoryReport;
  /** The function that the host will call once at the start. */
  readonly start?: StartName;
  /** The exports that the host allocates and frees with; absent when there is no such pair. */
  readonly allocator?: { readonly allocate: string; readonly free: string };
  /** What the ABI asks for and the module lacks or has with another type; in plain words. */
  readonly missing: readonly string[];
  readonly unknownImports: readonly { readonly module: string; readonly name: string; readonly problem: string }[];
}

/**
 * Reports which ABI a module speaks, what it imports and exports, and what it lacks, without compiling it.
 *
 * @throws ABI_BAD_MODULE for anything that is not a readable WebAssembly module.
 */
export function inspectModule(bytes: Uint8Array): ModuleReport {
  const declarations = readDeclarations(bytes);
  const exports = declarations.exports.map(({ name, kind, signature }) => describe({ name, kind }, signature));
  const abi = resembled(exports);
  const imports = declarations.imports.map(({ module, name, kind, signature }): ImportReport => {
    const asked = describe({ module, name, kind }, signature);
    const problem = abi === 'unknown' ? commonProblem(asked) : importProblem(abi, asked);
    return { ...asked, supported: problem === undefined, ...(problem === undefined ? {} : { problem }) };
  });
  const memory = reportMemory(declarations);
  const start = findStart((name) => exports.some((entry) => entry.name === name && entry.kind === 'function'));
  const allocator = findAllocator(abi, exports);
  return {
    abi,
    imports,
    exports,
    ...(memory ? { memory } : {}),
    ...(start ? { start } : {}),
    ...(allocator ? { allocator } : {}),
    missing: abi === 'unknown' ? [NO_ABI] : findMissing(abi, exports, memory),
    unknownImports: imports.flatMap(({ module, name, problem }) => (problem ? [{ module, name, problem }] : [])),
  };
}

/**
 * Returns when a module keeps to an ABI, else throws what keeps it from it.
 *
 * @throws ABI_WRONG_SHAPE listing all exports that are missing or of another type.
 * @throws ABI_UNKNOWN_IMPORT listing all imports that no host supplies.
 */
export function requireAbi(report: ModuleReport, abi: GuestKind): void {
  const missing = findMissing(abi, report.exports, report.memory);
  if (missing.length > 0) throw new ModuleShapeError({ abi, missing });
  const unknown = report.imports.flatMap((asked) => {
    const problem = importProblem(abi, asked);
    return problem === undefined ? [] : [{ module: asked.module, name: asked.name, problem }];
  });
  if (unknown.length > 0) throw new UnknownImportError(unknown);
}

/** The ABI of which the module exports the larger part. */
function resembled(exports: readonly ExportReport[]): ModuleReport['abi'] {
  const share = (names: readonly string[]): number =>
    exports.filter(({ name }) => names.includes(name)).length / names.length;
  const plugin = share(Object.keys(PLUGIN_SIGNATURES));
  const guard = share(Object.keys(GUARD_SIGNATURES));
  if (plugin === 0 && guard === 0) return 'unknown';
  return guard > plugin ? 'guard' : 'plugin';
}

function findMissing(abi: GuestKind, exports: readonly ExportReport[], memory: MemoryReport | undefined): string[] {
  const found = new Map(exports.map((entry) => [entry.name, entry]));
  const missing: string[] = [];
  if (found.get('memory')?.kind !== 'memory') missing.push(MISSING_MEMORY);
  else if (memory?.is64) missing.push('the memory "memory" must be a 32-bit one, found a 64-bit one');

  const check = (names: readonly string[], expected: string, optional = false): void => {
    const entry = names.map((name) => found.get(name)).find((candidate) => candidate !== undefined);
    if (entry?.signature === expected) return;
    if (entry) missing.push(`"${entry.name}" must be ${expected}, found ${entry.signature ?? `a ${entry.kind}`}`);
    else if (!optional) missing.push(missingFunction(names.join('" or "'), expected));
  };
  if (abi === 'plugin') {
    for (const [name, signature] of Object.entries(PLUGIN_SIGNATURES))
      check([name], signature, name === 'compact_specs');
    check(PLUGIN_ALLOCATOR.allocate.names, PLUGIN_ALLOCATOR.allocate.signature);
    check(PLUGIN_ALLOCATOR.free.names, PLUGIN_ALLOCATOR.free.signature);
  } else {
    for (const [name, signature] of Object.entries(GUARD_SIGNATURES)) check([name], signature);
    for (const [name, signature] of Object.entries(GUARD_ALLOCATOR)) check([name], signature, true);
  }
  return missing;
}

function findAllocator(abi: ModuleReport['abi'], exports: readonly ExportReport[]): ModuleReport['allocator'] {
  const first = (names: readonly string[]): string | undefined =>
    names.find((name) => exports.some((entry) => entry.name === name && entry.kind === 'function'));
  const allocate = first(abi === 'guard' ? ['alloc'] : PLUGIN_ALLOCATOR.allocate.names);
  const free = first(abi === 'guard' ? ['dealloc'] : PLUGIN_ALLOCATOR.free.names);
  return allocate && free ? { allocate, free } : undefined;
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

/** Why neither kind of guest gets an import. */
function commonProblem(asked: AskedImport): string | undefined {
  const problem = importProblem('plugin', asked);
  return problem && importProblem('guard', asked) && problem;
}

function describe<T extends object>(entry: T, signature: Signature | undefined): T & { readonly signature?: string } {
  return signature ? { ...entry, signature: formatSignature(signature) } : entry;
}
