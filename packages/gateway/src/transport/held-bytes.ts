import { type Bytes, byteLengthOf } from '../protocol/frame/write-frame.ts';

/** What waits to be written, in order, and leaves in pieces of a size. Nothing of it is copied. */
export class HeldBytes {
  #parts: Buffer[] = [];
  /** How much of the first part has left. */
  #offset = 0;
  #byteLength = 0;

  get byteLength(): number {
    return this.#byteLength;
  }

  /** What it keeps in memory: a part is kept whole until its end has left. */
  get keptBytes(): number {
    return this.#byteLength + this.#offset;
  }

  append(parts: Bytes): void {
    for (const part of parts) this.#parts.push(part);
    this.#byteLength += byteLengthOf(parts);
  }

  /** Takes so many bytes from the front, or as many as there are. */
  take(most: number): Buffer[] {
    const pieces: Buffer[] = [];
    let room = Math.min(most, this.#byteLength);
    this.#byteLength -= room;
    let left = 0;
    for (const part of this.#parts) {
      if (room === 0) break;
      const piece = part.subarray(this.#offset, this.#offset + room);
      pieces.push(piece);
      room -= piece.length;
      this.#offset += piece.length;
      if (this.#offset < part.length) break;
      this.#offset = 0;
      left++;
    }
    this.#parts.splice(0, left);
    return pieces;
  }

  clear(): void {
    this.#parts = [];
    this.#offset = 0;
    this.#byteLength = 0;
  }
}
