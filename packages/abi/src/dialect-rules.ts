import { type Capability, WAITING_CAPABILITIES } from './capabilities/host.ts';
import { WASI_FUNCTIONS, WASI_MODULE } from './capabilities/wasi.ts';
import type { AskedImport, Dialect, ExportReport, ExportRule, ModuleOutline } from './dialect.ts';
import { MISSING_MEMORY, missingFunction } from './module-shape.ts';
import type { ExportedTool } from './roles/plugin.ts';

/** Why the host cannot supply an import to guests of a dialect, in plain words; `undefined` when it can. */
export function importProblem(dialect: Dialect, asked: AskedImport): string | undefined {
  const problem = bareProblem(dialect, asked);
  return problem && (dialect.explainImport?.(asked) ?? problem);
}

function bareProblem(dialect: Dialect, { module, name, kind, signature }: AskedImport): string | undefined {
  if (kind !== 'function') return `a host supplies functions only, no ${kind}`;
  if (dialect.wasi && module === WASI_MODULE) return WASI_FUNCTIONS.has(name) ? undefined : 'not in WASI preview 1';
  const supplied = dialect.imports.filter((rule) => rule.module === module);
  const { givenModule } = dialect;
  if (givenModule?.module === module && !supplied.some((one) => one.name === name))
    return givenModule.accepts(signature ?? '')
      ? undefined
      : `must take and give ${givenModule.form}, found ${signature ?? 'another type'}`;
  if (supplied.length === 0) {
    const modules = new Set(dialect.imports.map((rule) => rule.module));
    if (dialect.wasi) modules.add(WASI_MODULE);
    const list = [...modules].map((one) => `"${one}"`).join(' and ');
    return list === '' ? `a host supplies nothing to a ${dialect.title}` : `a host supplies ${list} only`;
  }
  const rule = supplied.find((one) => one.name === name);
  if (rule === undefined) return `not among ${supplied.map((one) => one.name).join(', ')}`;
  return signature === rule.signature ? undefined : `must be ${rule.signature}, found ${signature ?? 'another type'}`;
}

type NamedImport = Pick<AskedImport, 'module' | 'name'>;

/**
 * The name of the first import by which a guest of a dialect waits for something outside, if there is one.
 *
 * @param capabilities - Those that are waited for. @default all that wait wherever they are granted
 */
export function waitingImport(
  dialect: Dialect,
  imports: readonly NamedImport[],
  capabilities: ReadonlySet<Capability> = WAITING_CAPABILITIES,
): string | undefined {
  return imports.find((asked) => {
    const capability = capabilityOf(dialect, asked);
    return capability !== undefined && WAITING_CAPABILITIES.has(capability) && capabilities.has(capability);
  })?.name;
}

/** What of the host an import of the dialect's own gives access to. */
export function capabilityOf(dialect: Dialect, { module, name }: NamedImport): Capability | undefined {
  const rule = dialect.imports.find((one) => one.module === module && one.name === name);
  return rule?.capability ?? (dialect.givenModule?.module === module ? 'functions' : undefined);
}

/** The functions that a guest asks for by names of its own: whoever loads it has to give them. */
export function neededFunctions(dialect: Dialect, imports: readonly NamedImport[]): readonly string[] {
  const { givenModule, imports: rules } = dialect;
  return imports
    .filter(
      ({ module, name }) =>
        givenModule?.module === module && !rules.some((one) => one.module === module && one.name === name),
    )
    .map(({ name }) => name);
}

/** What a dialect asks for and a module lacks or has with another type; in plain words. */
export function missingExports(
  dialect: Dialect,
  exports: readonly ExportReport[],
  memory: { readonly is64: boolean } | undefined,
): readonly string[] {
  const found = new Map(exports.map((entry) => [entry.name, entry]));
  const missing: string[] = [];
  if (found.get('memory')?.kind !== 'memory') {
    if (dialect.needsMemory !== false) missing.push(MISSING_MEMORY);
  } else if (memory?.is64) missing.push('the memory "memory" must be a 32-bit one, found a 64-bit one');
  const { allocator } = dialect;
  const rules = allocator ? [...dialect.exports, allocator.allocate, allocator.free] : dialect.exports;
  for (const { names, signature, optional } of rules) {
    const entry = names.map((name) => found.get(name)).find((candidate) => candidate !== undefined);
    if (entry?.signature === signature) continue;
    if (entry) missing.push(`"${entry.name}" must be ${signature}, found ${entry.signature ?? `a ${entry.kind}`}`);
    else if (!optional) missing.push(missingFunction(names.join('" or "'), signature));
  }
  return missing;
}

/** What keeps a guest from having the tools that whoever loads it says it has, in plain words. */
export function toolProblems(
  dialect: Dialect,
  tools: Readonly<Record<string, ExportedTool>> | undefined,
  outline: ModuleOutline,
): readonly string[] {
  if (dialect.role === 'plugin' && dialect.toldTools) return dialect.toldTools.problems(tools ?? {}, outline);
  return tools === undefined
    ? []
    : [
        `a ${dialect.title} says itself what its tools are: leave out "exports", or "tools" where they are described there`,
      ];
}

/** The exports that the host allocates and frees with; `undefined` when there is no such pair. */
export function foundAllocator(
  { allocator }: Dialect,
  exports: readonly ExportReport[],
): { readonly allocate: string; readonly free: string } | undefined {
  const first = ({ names }: ExportRule): string | undefined =>
    names.find((name) => exports.some((entry) => entry.name === name && entry.kind === 'function'));
  const allocate = allocator && first(allocator.allocate);
  const free = allocator && first(allocator.free);
  return allocate && free ? { allocate, free } : undefined;
}
