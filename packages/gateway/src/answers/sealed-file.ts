import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;

/**
 * A file that only this process can read, and only as it was written: its key is nowhere else. The programs that the gateway starts run as the same user, so that
 * the file's mode keeps none of them out.
 */
export class SealedFile {
  readonly #path: string;
  readonly #key = randomBytes(32);
  readonly #iv = randomBytes(IV_BYTES);
  #tag: Buffer | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Once. @throws the file system's error. */
  async write(text: Buffer): Promise<void> {
    const cipher = createCipheriv(CIPHER, this.#key, this.#iv);
    const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
    this.#tag = cipher.getAuthTag();
    await writeFile(this.#path, sealed, { mode: 0o600, flag: 'wx' });
  }

  /** @throws the file system's error, or one where it is not what was written. */
  async read(): Promise<Buffer> {
    const sealed = await readFile(this.#path);
    const decipher = createDecipheriv(CIPHER, this.#key, this.#iv);
    decipher.setAuthTag(this.#tag ?? Buffer.alloc(0));
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  }

  /** Never rejects: without its key what may be left of it says nothing. */
  async remove(): Promise<void> {
    await rm(this.#path, { force: true }).catch(() => {});
  }
}
