import type { Bytes } from '../protocol/frame/write-frame.ts';
import type { RequestWire } from '../session/answer-request.ts';

const OPEN = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']');

/**
 * The answer to a list of frames: each request's own as an event of one stream, or all of them as one list where the client
 * takes no stream. Source: MCP specification 2025-03-26, "Transports".
 */
export class BatchReply implements RequestWire {
  readonly #wire: RequestWire;
  readonly #listed: Buffer[] | undefined;
  #left: number;

  /** @param requests - How many of the frames are answered. */
  constructor(wire: RequestWire, requests: number, asList: boolean) {
    this.#wire = wire;
    this.#left = requests;
    this.#listed = asList ? [] : undefined;
  }

  get takesOnlyAnswer(): boolean {
    return this.#wire.takesOnlyAnswer === true;
  }

  get isRead(): boolean {
    return this.#wire.isRead !== false;
  }

  send(frame: Bytes, isOptional: boolean): void {
    this.#wire.send(frame, isOptional);
  }

  end(frame: Bytes | undefined): void {
    this.#left--;
    // Copied: the chunk that a large answer came in is used again.
    if (frame && this.#listed) this.#listed.push(this.#listed.length === 0 ? OPEN : COMMA, Buffer.concat(frame));
    else if (frame && this.#left > 0) this.#wire.send(frame, false);
    if (this.#left > 0) return;
    if (!this.#listed) this.#wire.end(frame);
    else this.#wire.end(this.#listed.length === 0 ? undefined : [...this.#listed, CLOSE]);
  }
}
