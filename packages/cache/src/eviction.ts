import { isEntryName, markedEntry } from './cache-key.ts';
import type { FsStore, StoredFile } from './fs-store.ts';

/** Within which bounds a directory is kept. */
export interface EvictionOptions {
  readonly maxBytes: number;
  /** Entries of other engines leave first: this program can never use them. */
  readonly isOfThisEngine: (entryName: string) => boolean;
  readonly nowMs: number;
}

const TEMPORARY_LIFETIME_MS = 60 * 60 * 1000;

/** Whether a temporary file is what a killed writer left: no living one takes an hour. Holds when clocks jump, too. */
export function isAbandoned({ name, usedMs }: StoredFile, nowMs: number): boolean {
  return name.endsWith('.tmp') && Math.abs(nowMs - usedMs) > TEMPORARY_LIFETIME_MS;
}

/** Removes entries until the rest fits, the least recently used first, and what killed writers left. Counts entries. */
export function evict(store: FsStore, { maxBytes, isOfThisEngine, nowMs }: EvictionOptions): number {
  const files = store.list();
  const names = new Set(files.map(({ name }) => name));
  for (const file of files) {
    const marked = markedEntry(file.name);
    if (isAbandoned(file, nowMs) || (marked !== undefined && !names.has(marked))) store.remove(file.name);
  }
  const entries = files.filter(({ name }) => isEntryName(name));
  let bytes = entries.reduce((sum, { byteLength }) => sum + byteLength, 0);
  let evicted = 0;
  const lastUse = (entry: StoredFile): number => Math.min(entry.usedMs, nowMs);
  const worth = (entry: StoredFile): number => (isOfThisEngine(entry.name) ? 1 : 0);
  for (const entry of entries.toSorted((a, b) => worth(a) - worth(b) || lastUse(a) - lastUse(b))) {
    if (bytes <= maxBytes) break;
    bytes -= entry.byteLength;
    if (store.remove(entry.name)) evicted++;
  }
  return evicted;
}
