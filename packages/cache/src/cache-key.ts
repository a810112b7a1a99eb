import { hash } from 'node:crypto';
import { statSync } from 'node:fs';
import { cachedDataVersionTag } from 'node:v8';
import { type CodeSerializer, thisEngine } from './code-serializer.ts';

/** Everything machine code depends on besides its module. Code made under one is never run under another. */
export interface Environment {
  readonly node: string;
  readonly v8: string;
  readonly abi: string;
  readonly arch: string;
  readonly platform: string;
  /** Identity of the executable: V8 accepts code of any binary with its version, and that code calls into the binary. */
  readonly build: string;
  /** Code for a trap handler has no bounds checks: without the handler it can read and write anything. */
  readonly traps: 'handler' | 'checks';
  /** V8's hash of its version, its flags and the features of this processor. */
  readonly flags: number;
}

/** Names the entries of one process. */
export interface CacheKeys {
  /** The environment at this moment: flags can change while a process runs. */
  environment(): Environment;
  /** File name of a module's entry in that environment. */
  entryName(digest: string, environment: Environment): string;
  /** Whether a file name is that of an entry made by this very program, under whatever flags. */
  isOfThisEngine(entryName: string): boolean;
}

const ENTRY_NAME = /^[0-9a-f]{64}\.[0-9a-f]{16}\.[0-9a-f]{8}\.code$/;

const LEARN_SUFFIX = '.learn';

/** Whether a file name is that of an entry, of whatever engine. */
export function isEntryName(name: string): boolean {
  return ENTRY_NAME.test(name);
}

/** The empty file that asks the next process to leave an entry alone and learn anew. */
export function learnMark(entryName: string): string {
  return `${entryName}${LEARN_SUFFIX}`;
}

/** The entry that a file is the mark of; undefined where it is no mark. */
export function markedEntry(name: string): string | undefined {
  const entryName = name.slice(0, -LEARN_SUFFIX.length);
  return name.endsWith(LEARN_SUFFIX) && isEntryName(entryName) ? entryName : undefined;
}

/** Identifies this process once; flags are read again each time. */
export function cacheKeys(serializer: CodeSerializer, flagsTag: () => number = cachedDataVersionTag): CacheKeys {
  const { buildId, traps } = serializer.facts(new WebAssembly.Memory({ initial: 1, maximum: 1 }));
  const engine = {
    node: process.version,
    v8: process.versions.v8,
    abi: process.versions.modules,
    arch: process.arch,
    platform: process.platform,
    build: buildId || executableIdentity(),
    traps: traps === 'unknown' ? trapsByFlags() : traps,
  };
  // Not before it is needed: the first digest of a process takes longer than opening a cache, and small modules need none.
  let named: string | undefined;
  const engineName = (): string => (named ??= hash('sha256', JSON.stringify(engine)).slice(0, 16));
  return {
    environment: () => ({ ...engine, flags: flagsTag() }),
    entryName: (digest, { flags }) => `${digest}.${engineName()}.${flags.toString(16).padStart(8, '0')}.code`,
    isOfThisEngine: (name) => isEntryName(name) && name.split('.')[1] === engineName(),
  };
}

/** Whether code made under one environment may run under the other. */
export function sameEnvironment(a: Environment, b: Environment): boolean {
  const keys = ['node', 'v8', 'abi', 'arch', 'platform', 'build', 'traps', 'flags'] as const;
  return keys.every((key) => a[key] === b[key]);
}

function executableIdentity(): string {
  const { size, mtimeMs } = statSync(process.execPath);
  return `${size}-${mtimeMs}`;
}

function trapsByFlags(): 'handler' | 'checks' {
  const off = thisEngine().flags.some((flag) => /^--(disable|no)[-_]wasm[-_]trap[-_]handler$/.test(flag));
  return off ? 'checks' : 'handler';
}
