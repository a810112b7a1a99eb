import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The native addon: V8's machine code as bytes, and back. Nothing it is given is checked beyond sizes and types. */
export interface CodeSerializer {
  /** The optimised code of a module; null while V8 has optimised none of its functions. */
  serialize(module: WebAssembly.Module): Uint8Array<ArrayBuffer> | null;
  /** A copy of the bytes that a module was compiled from. */
  wireBytes(module: WebAssembly.Module): Uint8Array<ArrayBuffer>;
  /** Revives code that the caller vouches for: made from `wire`, undamaged, in this environment. */
  load(wire: Uint8Array, code: Uint8Array): WebAssembly.Module | 'refused';
  /** The same from an open file, whose length and checksum are verified before V8 sees a byte; needs address space. */
  loadFile(
    wire: Uint8Array,
    fd: number,
    offset: number,
    length: number,
    checksum: bigint,
  ): WebAssembly.Module | 'refused' | 'damaged' | 'unmappable';
  /** XXH64 with seed 0. */
  checksum(bytes: Uint8Array): bigint;
  /** Which program this is, and whether wasm memory is guarded by a trap handler or by checks in the code. */
  facts(memory: WebAssembly.Memory): { readonly buildId: string; readonly traps: 'handler' | 'checks' | 'unknown' };
  /** Takes an advisory lock on an open file; the kernel drops it when the last process that holds the file ends. */
  tryLock(fd: number): boolean;
  /** Has the kernel end this process after so many seconds of processor time, ten times that in all, or above so many bytes (Linux). */
  limit(seconds: number, bytes: number): void;
}

/** What decides whether there is an addon, and which one. */
export interface EngineDescription {
  readonly versions: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  readonly arch: string;
  /** Flags of this process, from the command line and NODE_OPTIONS. */
  readonly flags: readonly string[];
  readonly hasWebAssembly: boolean;
}

const PACKAGE_ROOT = join(import.meta.dirname, '..'); // right from src/ and from dist/
const NO_OPTIMISED_CODE = /^--(liftoff[-_]only|wasm[-_]jitless|no[-_]wasm[-_]tier[-_]up)$/;

/** Describes the engine that runs this. */
export function thisEngine(): EngineDescription {
  const { versions, platform, arch, execArgv, env } = process;
  const flags = [...execArgv, ...(env.NODE_OPTIONS ?? '').split(/\s+/)];
  return { versions, platform, arch, flags, hasWebAssembly: typeof WebAssembly !== 'undefined' };
}

/** Where the addon for an engine may lie, the best place first. */
export function addonPlaces({ versions, platform, arch }: EngineDescription): readonly string[] {
  const prebuilt = `prebuilds/${platform}-${arch}/v8_code_cache.abi${versions.modules}.node`;
  return ['native/build/Release/v8_code_cache.node', prebuilt].map((path) => join(PACKAGE_ROOT, path));
}

/** Finds the addon for this engine, or says in plain words why there is none. Never throws. */
export function findCodeSerializer(
  engine: EngineDescription = thisEngine(),
  load: (path: string) => unknown = loadAddon,
): { readonly serializer: CodeSerializer } | { readonly reason: string } {
  if (!engine.hasWebAssembly) return { reason: 'this process runs without WebAssembly (--jitless)' };
  const other = ['bun', 'deno', 'electron'].find((name) => engine.versions[name] !== undefined);
  if (other !== undefined) return { reason: `${other} is not an engine whose code can be kept, only Node.js is` };
  const flag = engine.flags.find((given) => NO_OPTIMISED_CODE.test(given));
  if (flag !== undefined) return { reason: `V8 makes no code worth keeping under ${flag}` };
  let why = '';
  for (const place of addonPlaces(engine)) {
    try {
      const serializer = load(place) as CodeSerializer | undefined;
      if (serializer) return { serializer };
    } catch (error) {
      const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
      why = `: ${line}`;
    }
  }
  const { node, modules } = engine.versions;
  return { reason: `no native addon for Node ${node} (ABI ${modules}) on ${engine.platform}-${engine.arch}${why}` };
}

// Not through require(): in a program of ES modules its first use takes longer than everything else here.
function loadAddon(path: string): unknown {
  if (!existsSync(path)) return undefined;
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports;
}
