import { inspectModule, limitMemory, requireCommand, type ServerEntryPoint, whyNoGrowth } from '@lockgate/abi';
import type { CompilationCache } from '@lockgate/cache';
import { compileComponent } from '../component/compile-component.ts';
import { LinkError } from '../errors.ts';
import type { GuestCode } from '../guest/guest.ts';
import { notLinked } from '../not-linked.ts';
import type { ModuleSource } from '../options.ts';
import { readModule } from '../read-module.ts';

const OTHERWISE = {
  stdio: 'it is spoken to over its standard input, not in requests of HTTP',
  http: 'it is spoken to in requests of HTTP, not over its standard input',
} as const;
const NO_STORES = 'WASI preview 1 has no stores of keys and values, so it cannot be granted any; build it for WASI 0.2';
const NO_NETWORK = 'WASI preview 1 has no network, so it cannot be granted hosts; build it for WASI 0.2';

export interface LoadCommandRequest {
  readonly source: ModuleSource;
  /** What errors call it. */
  readonly name: string;
  readonly memoryCeilingBytes: number;
  /** How it will be spoken to. */
  readonly serves: ServerEntryPoint;
  /** Whether it is granted any host. */
  readonly hasHosts: boolean;
  /** Whether it is granted stores of keys and values. */
  readonly hasKeyValue: boolean;
  readonly cache: CompilationCache;
  /** Told what should be known of it. */
  readonly onNote: (sentence: string) => void;
}

/**
 * Reads a command, puts the ceiling on its memory and compiles it.
 *
 * @throws RUNTIME_LINK, for hosts granted to what has no network as well, RUNTIME_MEMORY_CEILING, errors of the file system.
 */
export async function loadCommand(request: LoadCommandRequest): Promise<GuestCode> {
  const { source, name, memoryCeilingBytes, hasHosts, hasKeyValue, cache, onNote } = request;
  const bytes = source instanceof Uint8Array ? source : await readModule(source);
  try {
    const report = inspectModule(bytes);
    requireCommand(report);
    const serves = report.component?.serves ?? 'stdio';
    if (serves !== request.serves) throw new LinkError({ module: name, reason: OTHERWISE[serves] });
    if (report.component) return await compileComponent(bytes, { maxBytes: memoryCeilingBytes, cache, name, onNote });
    if (hasHosts) throw new LinkError({ module: name, reason: NO_NETWORK });
    if (hasKeyValue) throw new LinkError({ module: name, reason: NO_STORES });
    const limited = limitMemory(bytes, { maxBytes: memoryCeilingBytes });
    const note = whyNoGrowth([bytes], memoryCeilingBytes);
    if (note !== undefined) onNote(note);
    return await cache.compile(limited, { name });
  } catch (error) {
    throw notLinked(name, error);
  }
}
