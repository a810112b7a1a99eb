import { connect, createServer, type Socket } from 'node:net';

/** A line to a server that can go dead: what was open stays open and carries nothing any more; what is opened later works. */
export class Line implements AsyncDisposable {
  readonly #server = createServer((socket) => this.#join(socket));
  readonly #port: number;
  /** Milliseconds that it takes each way, for what comes from now on. */
  delayMs: number;
  readonly #open = new Set<Socket>();
  readonly #listening = new Set<Socket>();
  /** What waits to be carried to those that listen, where that is the test's to say. */
  readonly #waiting: { readonly to: Socket; bytes: Buffer }[] = [];
  #isSlow = false;
  #isCut = false;
  readonly #isDead = new WeakSet<Socket>();

  private constructor(port: number, delayMs: number) {
    this.#port = port;
    this.delayMs = delayMs;
  }

  static async to(port: number, delayMs = 0): Promise<Line> {
    const line = new Line(port, delayMs);
    await new Promise<void>((resolve) => line.#server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  swallow(): void {
    for (const socket of this.#open) this.#isDead.add(socket);
  }

  /** As `swallow`, of the connections that have subscribed to something. */
  swallowListening(): void {
    for (const socket of this.#listening) this.#isDead.add(socket);
  }

  /** From here on those who have subscribed to something are told as much as `carry` says, and no more. */
  slowListening(): void {
    this.#isSlow = true;
  }

  /** Carries so many bytes to those that listen; fewer where no more has come. */
  async carry(bytes: number): Promise<void> {
    for (let left = bytes; left > 0; ) {
      const [next] = this.#waiting;
      if (!next) return;
      const now = next.bytes.subarray(0, left);
      next.bytes = next.bytes.subarray(now.length);
      if (next.bytes.length === 0) this.#waiting.shift();
      left -= now.length;
      await new Promise<unknown>((resolve) => next.to.write(now, resolve));
    }
  }

  /** Ends what is open, and lets nobody through until it is mended. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#open) socket.destroy();
  }

  /** As `cut`, of the connections that have subscribed to something. */
  cutListening(): void {
    this.#isCut = true;
    for (const socket of this.#listening) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(socket: Socket): void {
    if (this.#isCut) {
      socket.destroy();
      return;
    }
    const onward = connect(this.#port, '127.0.0.1');
    for (const end of [socket, onward]) this.#open.add(end.on('error', () => undefined));
    const pass = (from: Socket, to: Socket): void => {
      from.on('data', (chunk: Buffer) => {
        if (this.#isDead.has(from)) return;
        if (from === socket && /\bsubscribe\r\n/i.test(chunk.toString('latin1')))
          for (const end of [socket, onward]) this.#listening.add(end);
        if (this.#isSlow && from === onward && this.#listening.has(from)) this.#waiting.push({ to, bytes: chunk });
        else if (this.delayMs === 0) to.write(chunk);
        else setTimeout(() => to.write(chunk), this.delayMs);
      });
      from.on('close', () => to.destroy());
    };
    pass(socket, onward);
    pass(onward, socket);
  }
}
