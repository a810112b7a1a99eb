import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Dialect,
  exportState,
  type GuestRole,
  inspectModule,
  isComponent,
  limitMemory,
  looksLikeCommand,
  type ModuleReport,
  ModuleShapeError,
  nameModule,
  requireAbi,
  whyNoGrowth,
} from '@lockgate/abi';
import type { CompilationCache } from '@lockgate/cache';
import { compileComponent } from './component/compile-component.ts';
import { LinkError } from './errors.ts';
import type { GuestCode } from './guest/guest.ts';
import { notLinked } from './not-linked.ts';
import type { ModuleSource } from './options.ts';
import { readModule } from './read-module.ts';

const NO_PLUG_IN =
  'it imports nothing of "extism:host/env", so it is no plug-in for Extism, of which "exports" says what its tools are: ' +
  'build it with a PDK of Extism, or leave "exports" out';

/** How one module becomes something that can be instantiated. */
export interface LoadRequest<R extends GuestRole> {
  readonly source: ModuleSource;
  readonly role: R;
  /** Those that it may speak. */
  readonly dialects: readonly Dialect[];
  /** What errors call it; of a file without one, the file's name. */
  readonly name: string | undefined;
  /** @default the dialect's */
  readonly memoryCeilingBytes: number | undefined;
  readonly cache: CompilationCache;
  /** Whether it is said which of its functions are tools, which is for plug-ins of Extism alone. */
  readonly hasToldTools: boolean;
  /** Told what should be known of it. */
  readonly onNote: (sentence: string) => void;
  /** Told when a module is found to be a guest, before it is compiled. */
  readonly onFound: (dialect: Dialect) => void;
}

/** A module that is known and compiled, and does not run yet. */
export interface CompiledModule<R extends GuestRole> {
  readonly module: GuestCode;
  readonly report: ModuleReport;
  readonly dialect: Extract<Dialect, { readonly role: R }>;
  /** The name asked for, or where the bytes came from. */
  readonly origin: string;
}

/**
 * Reads a module, finds the dialect by which it is a guest of this role, puts the ceiling on its memory, brings its state
 * within reach and compiles it.
 *
 * @throws RUNTIME_LINK with everything that is missing or unknown; RUNTIME_MEMORY_CEILING; errors of the file system.
 */
export async function loadModule<R extends GuestRole>(request: LoadRequest<R>): Promise<CompiledModule<R>> {
  const { source, role, dialects, name, cache, onNote } = request;
  const origin = name ?? originOf(source, role);
  const bytes = source instanceof Uint8Array ? source : await readModule(source);
  try {
    const report = inspectModule(bytes, dialects);
    if (looksLikeCommand(report)) throw new LinkError({ module: origin, reason: wholeServer(role) });
    const dialect = requireAbi(report, role, dialects);
    request.onFound(dialect);
    const maxBytes = request.memoryCeilingBytes ?? dialect.memoryCeilingBytes;
    if (report.component) {
      return {
        module: await compileComponent(bytes, { maxBytes, cache, name: origin, onNote }),
        report,
        dialect,
        origin,
      };
    }
    const limited = limitMemory(bytes, { maxBytes });
    const note = whyNoGrowth([bytes], maxBytes);
    if (note !== undefined) onNote(note);
    // Where stack traces need not bear the name, one compilation serves all names.
    const reachable = dialect.parks ? exportState(limited) : limited;
    const named = dialect.namesModule ? nameModule(reachable, origin) : reachable;
    return { module: await cache.compile(named, { name: origin }), report, dialect, origin };
  } catch (error) {
    const isNoPlugIn = error instanceof ModuleShapeError && request.hasToldTools && !isComponent(bytes);
    throw notLinked(origin, error, isNoPlugIn ? NO_PLUG_IN : undefined);
  }
}

function wholeServer(role: GuestRole): string {
  return `it is a whole server, not a ${role}; name it as "wasm" of an entry of "mcpServers"`;
}

/** What a module is called that nobody has named. */
export function originOf(source: ModuleSource, fallback: string): string {
  if (source instanceof Uint8Array) return fallback;
  const path = source instanceof URL ? fileURLToPath(source) : source;
  return basename(path, extname(path));
}
