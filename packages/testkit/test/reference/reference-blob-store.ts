import { createHash, randomUUID } from 'node:crypto';
import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobStoreSubject, type CreateBlobStoreOptions, idle } from '../../src/index.ts';

/** Faults of a store on disk. */
export type BlobFault =
  | 'entry visible before it is whole'
  | 'entry written in two halves'
  | 'old entry moved aside while the new one comes'
  | 'one temporary name for all'
  | 'temporary file of the dead in the way'
  | 'old entry lost on failure'
  | 'damage not noticed'
  | 'failed write blocks the next'
  | 'keys by their first letter'
  | 'checksum without the key'
  | 'temporary files left'
  | 'failed write not reported'
  | 'shared read buffer'
  | 'last read remembered'
  | 'unchanged read remembered';

const DIGEST_BYTES = 32;

const PORT = { ...fs, ...{ writeFileSync, appendFileSync, renameSync, rmSync } };

/** Bytes under keys, one file each, with a checksum: what the blob store suite must accept. */
export class ReferenceBlobStore implements BlobStoreSubject {
  readonly #fs: typeof PORT;
  readonly #directory: string;
  readonly #fault: BlobFault | undefined;
  readonly #buffer = new Uint8Array(100_000);
  readonly #remembered = new Map<string, Uint8Array>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ directory, wrap }: CreateBlobStoreOptions, fault?: BlobFault) {
    this.#fs = wrap(PORT);
    this.#directory = directory;
    this.#fault = fault;
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    const stored = await fs.readFile(this.#path(key)).catch(() => undefined);
    if (!stored) return undefined;
    const bytes = stored.subarray(DIGEST_BYTES);
    const sound = this.#digest(key, bytes).equals(stored.subarray(0, DIGEST_BYTES));
    return sound || this.#fault === 'damage not noticed' ? this.#give(key, bytes) : undefined;
  }

  #give(key: string, bytes: Uint8Array): Uint8Array {
    if (this.#fault === 'shared read buffer') {
      this.#buffer.set(bytes);
      return this.#buffer.subarray(0, bytes.byteLength);
    }
    const remembers = this.#fault === 'last read remembered' || this.#fault === 'unchanged read remembered';
    if (!remembers) return new Uint8Array(bytes);
    const before = this.#remembered.get(key);
    const isStale =
      this.#fault === 'unchanged read remembered' && before && !bytes.every((byte, at) => byte === before[at]);
    const known = (isStale ? undefined : before) ?? new Uint8Array(bytes);
    this.#remembered.set(key, known);
    return known;
  }

  #digest(key: string, bytes: Uint8Array): Buffer {
    const hash = createHash('sha256');
    if (this.#fault !== 'checksum without the key') hash.update(`${key}\0`);
    return hash.update(bytes).digest();
  }

  write(key: string, bytes: Uint8Array): Promise<void> {
    const written = this.#turn.then(() => this.#write(key, bytes));
    this.#turn = this.#fault === 'failed write blocks the next' ? written : written.catch(() => undefined);
    this.#turn.catch(() => undefined); // the writer has the failure
    this.#remembered.delete(key);
    return this.#fault === 'failed write not reported' ? written.catch(() => undefined) : written;
  }

  async tamper(key: string, change: (stored: Uint8Array) => Uint8Array): Promise<void> {
    await fs.writeFile(this.#path(key), change(await fs.readFile(this.#path(key))));
  }

  async #write(key: string, bytes: Uint8Array): Promise<void> {
    const stored = Buffer.concat([this.#digest(key, bytes), bytes]);
    const path = this.#path(key);
    if (this.#fault === 'entry visible before it is whole') {
      // In one step, so that nothing but a death comes in between, however slow the disk is.
      return this.#fs.writeFileSync(path, stored);
    }
    if (this.#fault === 'entry written in two halves') {
      await this.#fs.writeFile(path, stored.subarray(0, 2_000));
      await idle(500); // long enough for another process to come along
      return this.#fs.appendFile(path, stored.subarray(2_000));
    }
    if (this.#fault === 'one temporary name for all') return this.#writeUnderOneName(`${path}.tmp`, path, stored);
    const isInTheWay = this.#fault === 'temporary file of the dead in the way';
    const temporary = isInTheWay ? `${path}.tmp` : `${path}.${randomUUID()}.tmp`;
    await this.#fs.writeFile(temporary, stored, { flag: isInTheWay ? 'wx' : 'w' });
    const aside = this.#fault === 'old entry moved aside while the new one comes';
    if (aside) await this.#fs.rename(path, `${path}.aside`).catch(() => undefined);
    try {
      await this.#fs.rename(temporary, path);
    } catch (error) {
      if (aside) await this.#fs.rename(`${path}.aside`, path).catch(() => undefined);
      if (this.#fault === 'old entry lost on failure') await this.#fs.unlink(path);
      if (this.#fault !== 'temporary files left') await this.#fs.unlink(temporary).catch(() => undefined);
      throw error;
    }
  }

  /** Takes a turn and no more, so that writers who come at once always meet, however slow the disk is. */
  async #writeUnderOneName(temporary: string, path: string, stored: Uint8Array): Promise<void> {
    try {
      this.#fs.writeFileSync(temporary, stored.subarray(0, 5_000));
      await idle(1);
      this.#fs.appendFileSync(temporary, stored.subarray(5_000));
      this.#fs.renameSync(temporary, path);
    } catch (error) {
      this.#fs.rmSync(temporary, { force: true });
      throw error;
    }
  }

  #path(key: string): string {
    return join(this.#directory, this.#fault === 'keys by their first letter' ? (key[0] ?? '') : key);
  }
}
