import type { CodeSerializer } from './code-serializer.ts';
import { decodeHead, type EntryHead, HEAD_BYTES } from './entry.ts';
import type { FsStore } from './fs-store.ts';

/** The head of the entry in a file; undefined where there is none, or it is not to be trusted. */
export function readHead(store: FsStore, entryName: string, serializer: CodeSerializer): EntryHead | undefined {
  const opened = store.open(entryName);
  if (opened === undefined || typeof opened === 'string') return undefined;
  using file = opened;
  const head = decodeHead(file.readStart(HEAD_BYTES), file.byteLength, (data) => serializer.checksum(data));
  return typeof head === 'string' ? undefined : head;
}
