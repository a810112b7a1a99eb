import { ceilingReached } from '../ceilings.ts';
import { toEventData } from '../protocol/frame/one-line.ts';
import type { Bytes } from '../protocol/frame/write-frame.ts';
import { AnswerWriter } from './answer-writer.ts';
import type { HttpResponse } from './http-contract.ts';
import { DROP_ABOVE_BYTES } from './unsent.ts';

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
  readonly #writer: AnswerWriter;

  constructor(response: HttpResponse, headers: Readonly<Record<string, string>>) {
    this.#writer = new AnswerWriter(response);
    response.writeHead(200, { ...STREAM_HEADERS, ...headers });
    response.flushHeaders();
  }

  /** Whether what may be left out is left out now, and counted, because the client reads too slowly. */
  leavesOut(): boolean {
    const isSlow = this.#writer.unsentBytes > DROP_ABOVE_BYTES;
    if (isSlow) ceilingReached('unsent-notifications');
    return isSlow;
  }

  /** Sends a frame. Does nothing once the client has gone. */
  event(frame: Bytes, id?: string): void {
    const data = toEventData(frame);
    this.#writer.write([id === undefined ? HEAD : Buffer.from(`event: message\nid: ${id}\ndata: `), ...data, TAIL]);
  }

  /** Sends text that is no frame: another event, a comment. */
  text(text: string): void {
    this.#writer.write([Buffer.from(text)]);
  }

  end(): void {
    this.#writer.end();
  }
}
