/** How often a stream that is silent says that it is still there, in milliseconds. */
const KEEP_ALIVE_MS = 15_000;

/** The headers of a stream. */
export const STREAM_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

/** A frame as an event of a stream. */
export function toEvent(json: string): string {
  return `event: message\ndata: ${json}\n\n`;
}

/** An answer that is told bit by bit. Source: MCP specification 2026-07-28, "Transports"; HTML, "Server-sent events". */
export class EventStream {
  readonly response: Response;
  readonly #encoder = new TextEncoder();
  readonly #keepAlive: NodeJS.Timeout;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(headers: Readonly<Record<string, string>> = {}) {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => this.#end(),
    });
    this.response = new Response(body, { headers: { ...STREAM_HEADERS, ...headers } });
    this.#keepAlive = setInterval(() => this.#write(': keepalive\n\n'), KEEP_ALIVE_MS);
    this.#keepAlive.unref();
  }

  /** Sends a frame, as JSON. Does nothing once the client has gone. */
  send(json: string): void {
    this.#write(toEvent(json));
  }

  close(): void {
    this.#controller?.close();
    this.#end();
  }

  #write(text: string): void {
    this.#controller?.enqueue(this.#encoder.encode(text));
  }

  #end(): void {
    clearInterval(this.#keepAlive);
    this.#controller = undefined;
  }
}
