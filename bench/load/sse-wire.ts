import { connect, type Socket } from 'node:net';
import { Connection } from './connection.ts';
import type { Wire } from './wire.ts';

const DATA = /^data: (.*)$/;

/** The transport before streamable HTTP: one stream that brings all answers, and a connection for the requests. */
export class SseWire implements Wire {
  readonly #stream: Socket;
  readonly #requests: Connection;
  readonly #url: URL;
  #path = Promise.withResolvers<string>();
  #waiting: PromiseWithResolvers<Buffer> | undefined;
  #held = '';

  private constructor(requests: Connection, url: URL) {
    this.#requests = requests;
    this.#url = url;
    this.#stream = connect(Number(url.port), url.hostname);
    this.#stream.on('data', (bytes: Buffer) => this.#arrive(bytes));
    this.#stream.on('error', (error) => this.#break(error));
    this.#stream.on('close', () => this.#break(new Error('the server closed the stream')));
    this.#stream.write(`GET ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\naccept: text/event-stream\r\n\r\n`);
  }

  static async open(url: URL): Promise<SseWire> {
    const wire = new SseWire(await Connection.open(url), url);
    await wire.#path.promise;
    return wire;
  }

  async exchange(frame: string, number: number | undefined): Promise<Buffer> {
    const path = await this.#path.promise;
    const waiting = Promise.withResolvers<Buffer>();
    this.#waiting = number === undefined ? undefined : waiting;
    const head = `POST ${path} HTTP/1.1\r\nhost: ${this.#url.host}\r\ncontent-type: application/json\r\n`;
    const { status } = await this.#requests.send(`${head}content-length: ${frame.length}\r\n\r\n${frame}`);
    if (status >= 300) throw new Error(`HTTP ${status}`);
    return number === undefined ? Buffer.alloc(0) : await waiting.promise;
  }

  close(): void {
    this.#stream.destroy();
    this.#requests.close();
  }

  /** The lines between which the sizes of chunks stand are no data, so the framing need not be read. */
  #arrive(bytes: Buffer): void {
    const lines = (this.#held + bytes.toString('latin1')).split('\n');
    this.#held = lines.pop() ?? '';
    for (const line of lines) {
      const data = DATA.exec(line.trimEnd())?.[1];
      if (data?.startsWith('{')) this.#waiting?.resolve(Buffer.from(data, 'latin1'));
      else if (data !== undefined) this.#path.resolve(data);
    }
  }

  #break(error: Error): void {
    this.#path.reject(error);
    this.#path.promise.catch(() => {});
    this.#waiting?.reject(error);
  }
}
