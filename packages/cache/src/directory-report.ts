import { resolve } from 'node:path';
import { isEntryName, markedEntry } from './cache-key.ts';
import { prepareDirectory } from './directory.ts';
import type { EntryKind } from './entry.ts';
import { readHead } from './entry-file.ts';
import { isAbandoned } from './eviction.ts';
import { FsStore, type StoredFile } from './fs-store.ts';
import { type CachePorts, diskParts, realPorts } from './open.ts';

/** One entry of a cache directory. */
export interface EntryReport {
  /** SHA-256 of the wasm bytes, in hex. */
  readonly wasm: string;
  readonly wasmBytes: number;
  readonly bytes: number;
  /** `all` functions, those of a `profile`, or a `seed`: what a process had when it closed. */
  readonly kind: EntryKind;
  readonly generation: number;
  /** Whether this program, under these flags, would use it. */
  readonly usable: boolean;
  readonly usedAt: Date;
}

/** What a cache directory holds. */
export interface DirectoryReport {
  readonly directory: string;
  readonly entries: readonly EntryReport[];
  /** Size of all entries, readable or not, in bytes. */
  readonly bytes: number;
  /** Files that look like entries and are none: damaged, or not ours. */
  readonly unreadable: number;
}

/**
 * Says what a cache directory holds, most recently used first.
 *
 * @throws Error when it allows no cache on disk; the message says why.
 */
export function describeCache(directory: string, ports: CachePorts = realPorts): DirectoryReport {
  const nothing = { directory: resolve(directory), entries: [], bytes: 0, unreadable: 0 };
  if (!ports.fs.existsSync(directory)) return nothing;
  const parts = diskParts(directory, ports);
  if ('reason' in parts) throw new Error(`There is no cache to describe: ${parts.reason}.`);
  const { store, serializer, keys } = parts;
  const environment = keys.environment();
  const files = store.list().filter(({ name }) => isEntryName(name));
  const entries = files.flatMap(({ name, byteLength, usedMs }): EntryReport[] => {
    const head = readHead(store, name, serializer);
    if (!head) return [];
    const { wasm, wasmBytes, kind, generation } = head.description;
    const usable = name === keys.entryName(wasm, environment);
    return [{ wasm, wasmBytes, bytes: byteLength, kind, generation, usable, usedAt: new Date(usedMs) }];
  });
  return {
    directory: store.directory,
    entries: entries.toSorted((a, b) => b.usedAt.getTime() - a.usedAt.getTime()),
    bytes: files.reduce((sum, { byteLength }) => sum + byteLength, 0),
    unreadable: files.length - entries.length,
  };
}

/**
 * Empties a cache directory of everything a cache ever puts there; what others put there stays, and so does the
 * directory. Processes that use it go on, also those that write an entry: their temporary files stay for an hour.
 * Needs no native addon.
 *
 * @throws Error when the directory cannot be trusted or used; the message says why.
 */
export function clearCache(
  directory: string,
  { fs, user, clock }: Pick<CachePorts, 'fs' | 'user' | 'clock'> = realPorts,
): { files: number; bytes: number } {
  if (!fs.existsSync(directory)) return { files: 0, bytes: 0 };
  const unusable = prepareDirectory(directory, fs, user);
  if (unusable !== undefined) throw new Error(`There is no cache to clear: ${unusable}.`);
  const store = new FsStore({ directory: resolve(directory), fs, user });
  const nowMs = clock.now();
  const removed = store.list().filter((file) => isOurs(file, nowMs) && store.remove(file.name));
  return { files: removed.length, bytes: removed.reduce((sum, { byteLength }) => sum + byteLength, 0) };
}

function isOurs(file: StoredFile, nowMs: number): boolean {
  const { name } = file;
  if (isEntryName(name) || markedEntry(name) !== undefined || name === 'optimizer.lock' || name === 'CACHEDIR.TAG')
    return true;
  return (
    isAbandoned(file, nowMs) && /^([0-9a-f]{64}\.[0-9a-f]{16}\.[0-9a-f]{8}\.code|input)\.[0-9a-f]{12}\.tmp$/.test(name)
  );
}
