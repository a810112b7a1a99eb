import { ceilingReached } from '../ceilings.ts';
import { toEventData } from '../protocol/frame/one-line.ts';
import { type Bytes, byteLengthOf } from '../protocol/frame/write-frame.ts';
import type { HttpResponse } from './http-contract.ts';
import { joinSmall } from './join-parts.ts';
import { DROP_ABOVE_BYTES, END_ABOVE_BYTES } from './unsent.ts';

/** The headers of a stream. */
const STREAM_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

const HEAD = Buffer.from('event: message\ndata: ');
const TAIL = Buffer.from('\n\n');

/** An HTTP answer that is told bit by bit. Sources: MCP specification, "Transports"; HTML, "Server-sent events". */
export class EventStream {
  readonly #response: HttpResponse;

  constructor(response: HttpResponse, headers: Readonly<Record<string, string>>) {
    this.#response = response;
    response.writeHead(200, { ...STREAM_HEADERS, ...headers });
    response.flushHeaders();
  }

  /** Whether what may be left out is left out now, and counted, because the client reads too slowly. */
  leavesOut(): boolean {
    const isSlow = this.#response.writableLength > DROP_ABOVE_BYTES;
    if (isSlow) ceilingReached('unsent-notifications');
    return isSlow;
  }

  /** Sends a frame. Does nothing once the client has gone; ends the connection of one that does not read at all. */
  event(frame: Bytes, id?: string): void {
    const data = toEventData(frame);
    this.#write([id === undefined ? HEAD : Buffer.from(`event: message\nid: ${id}\ndata: `), ...data, TAIL]);
  }

  /** Sends text that is no frame: another event, a comment. */
  text(text: string): void {
    this.#write([Buffer.from(text)]);
  }

  end(): void {
    this.#response.end();
  }

  #write(parts: Bytes): void {
    const response = this.#response;
    if (response.destroyed || response.writableEnded) return;
    if (response.writableLength > END_ABOVE_BYTES) {
      ceilingReached('unsent-bytes');
      response.destroy();
      return;
    }
    const joined = joinSmall(parts, byteLengthOf(parts));
    if (joined.length > 1) response.cork();
    for (const part of joined) response.write(part);
    if (joined.length > 1) response.uncork();
  }
}
