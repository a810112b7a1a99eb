import { Errno, WasiError } from './errno.ts';
import type { WasiDirectory, WasiEntry, WasiFile } from './wasi-file.ts';

/** Files that one guest may have open at once. */
const MAX_DESCRIPTORS = 128;

/** A file as one descriptor has it. */
export interface Descriptor {
  readonly file: WasiFile;
  /** What a listing that is under way saw when it began: a guest reads it in pieces. */
  listing?: readonly WasiEntry[];
}

/** The numbers that a guest knows its files by. */
export class Descriptors {
  readonly #first: readonly WasiFile[];
  readonly #open: Map<number, Descriptor> = new Map<number, Descriptor>();

  constructor(files: readonly WasiFile[]) {
    this.#first = files;
    for (const [number, file] of files.entries()) this.#open.set(number, { file });
  }

  /** Whether each still is what it was at first, and there is no other. */
  get isAsAtFirst(): boolean {
    return (
      this.#open.size === this.#first.length &&
      this.#first.every((file, number) => this.#open.get(number)?.file === file)
    );
  }

  /** @throws WasiError */
  get(number: number): Descriptor {
    const found = this.#open.get(number >>> 0);
    if (found === undefined) throw new WasiError(Errno.badDescriptor);
    return found;
  }

  /** @throws WasiError where it is no directory */
  directory(number: number): WasiDirectory {
    const { directory } = this.get(number).file;
    if (directory === undefined) throw new WasiError(Errno.notDirectory);
    return directory;
  }

  /** Opens a file, unless there are too many, and answers its number: the lowest that is free. @throws WasiError */
  add(open: () => WasiFile): number {
    if (this.#open.size >= MAX_DESCRIPTORS) throw new WasiError(Errno.tooManyOpen);
    let number = 0;
    while (this.#open.has(number)) number += 1;
    this.#open.set(number, { file: open() });
    return number;
  }

  /** @throws WasiError */
  close(number: number): void {
    const { file } = this.get(number);
    this.#open.delete(number >>> 0);
    file.close();
  }

  /** Gives a file the number of another, which is closed. @throws WasiError */
  renumber(from: number, to: number): void {
    const moved = this.get(from);
    const replaced = this.get(to);
    if (moved === replaced) return;
    this.#open.delete(from >>> 0);
    this.#open.set(to >>> 0, moved);
    replaced.file.close();
  }

  closeAll(): void {
    for (const { file } of this.#open.values()) file.close();
    this.#open.clear();
  }
}
