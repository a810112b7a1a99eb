import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type HttpAnswer, ResponseReader } from './response-reader.ts';

/** One kept connection to a server on which one request is under way at a time. Costs a few microseconds a request. */
export class Connection {
  readonly #socket: Socket;
  readonly #reader = new ResponseReader();
  #waiting: PromiseWithResolvers<HttpAnswer> | undefined;
  #broken: unknown;

  private constructor(socket: Socket) {
    this.#socket = socket.setNoDelay();
    socket.on('data', (bytes: Buffer) => this.#arrive(bytes));
    socket.on('error', (error) => this.#break(error));
    socket.on('close', () => this.#break(new Error('the server closed the connection')));
  }

  static async open(url: URL): Promise<Connection> {
    const socket = connect(Number(url.port), url.hostname);
    await once(socket, 'connect');
    return new Connection(socket);
  }

  /** Whether nothing can be sent any more; servers close connections that were idle for some seconds. */
  get broken(): boolean {
    return this.#broken !== undefined;
  }

  /** @param text - Of one byte a character. */
  send(text: string): Promise<HttpAnswer> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    this.#waiting = Promise.withResolvers();
    this.#socket.write(text, 'latin1');
    return this.#waiting.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #arrive(bytes: Buffer): void {
    try {
      const answer = this.#reader.push(bytes);
      if (answer) this.#waiting?.resolve(answer);
    } catch (error) {
      this.#break(error);
    }
  }

  #break(error: unknown): void {
    this.#broken ??= error;
    this.#waiting?.reject(error);
  }
}
