import { Errno, type WasiDirectory } from '@lockgate/abi';
import type { HostMemory, Kept } from '../host-memory.ts';
import { refuse } from './failures.ts';
import { typeOf } from './stat.ts';

/** What the name of a file takes beside itself. */
const ENTRY_BYTES = 128;

/** The names of a directory, one after the other. */
export class EntryStream implements Kept {
  readonly keptBytes: number;
  readonly #entries: Iterator<ReturnType<WasiDirectory['entries']>[number]>;

  /** @throws WasiError where the host keeps too much */
  constructor(directory: WasiDirectory, memory: HostMemory) {
    const entries = directory.entries();
    this.keptBytes = entries.reduce((sum, { name }) => sum + ENTRY_BYTES + 2 * name.length, 0);
    if (!memory.takes(this.keptBytes)) refuse(Errno.tooManyOpen);
    this.#entries = entries[Symbol.iterator]();
  }

  next(): { readonly type: string; readonly name: string } | undefined {
    const { done, value } = this.#entries.next();
    return done ? undefined : { type: typeOf(value.type), name: value.name };
  }
}
