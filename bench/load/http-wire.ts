import { Connection } from './connection.ts';
import { type Era, headerLines } from './messages.ts';
import { frameOfEvents, type Wire } from './wire.ts';

const METHOD = /"method":"([^"]+)"/;

/** Streamable HTTP over one kept connection; a password in the address is sent as a key. */
export class HttpWire implements Wire {
  #connection: Connection;
  readonly #url: URL;
  readonly #era: Era;
  #session = '';
  /** By method: the head of a request up to its length. */
  readonly #heads = new Map<string, string>();
  /** The tool that every call calls, which a request of 2026 names in its head. */
  tool: string | undefined;

  private constructor(connection: Connection, url: URL, era: Era) {
    this.#connection = connection;
    this.#url = url;
    this.#era = era;
  }

  static async open(url: URL, era: Era): Promise<HttpWire> {
    return new HttpWire(await Connection.open(url), url, era);
  }

  async exchange(frame: string, number: number | undefined): Promise<Buffer> {
    if (this.#connection.broken) this.#connection = await Connection.open(this.#url);
    const { status, head, body } = await this.#connection.send(`${this.#head(frame)}${frame.length}\r\n\r\n${frame}`);
    if (status >= 300) throw new Error(`HTTP ${status}: ${body.toString().slice(0, 300)}`);
    if (this.#session === '' && this.#era === '2025') {
      this.#session = /\r\nmcp-session-id: *(\S+)/.exec(head)?.[1] ?? '';
      this.#heads.clear();
    }
    if (number === undefined) return body;
    return head.includes('\r\ncontent-type: text/event-stream') ? frameOfEvents(body) : body;
  }

  close(): void {
    this.#connection.close();
  }

  #head(frame: string): string {
    // Calls are recognised by their place in the frame: a regular expression on each would cost more than all the rest.
    const method = frame.includes('"tools/call"') ? 'tools/call' : (METHOD.exec(frame)?.[1] ?? '');
    let head = this.#heads.get(method);
    if (head === undefined) {
      const own = headerLines(this.#era, this.#session, method, method === 'tools/call' ? this.tool : undefined);
      const key = this.#url.password === '' ? '' : `authorization: Bearer ${this.#url.password}\r\n`;
      head = `POST ${this.#url.pathname} HTTP/1.1\r\nhost: ${this.#url.host}\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\n${key}${own}content-length: `;
      this.#heads.set(method, head);
    }
    return head;
  }
}
