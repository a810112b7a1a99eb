import { LockgateError } from '@lockgate/abi/without-guests';

/** The way to another process of this machine, as `node:child_process` has it: whole messages, in order. */
export interface LinkPort {
  send(message: object): void;
  /** Called once, before anything is sent. */
  listen(onMessage: (message: unknown) => void, onEnd: () => void): void;
}

/** What may be asked or told over a link, by its name. A value that is a promise is waited for. */
export type LinkHandlers = Readonly<Record<string, (value: never) => unknown>>;

/** The other process did not answer. */
export class LinkError extends LockgateError {
  override readonly name = 'LinkError';
  readonly code = 'GATEWAY_PROCESS';
  /** Whether it has gone, or failed, or only says nothing in time. */
  readonly reason: string;

  constructor(reason: string) {
    super(`Another process of this gateway did not do what it was asked: ${reason}.`);
    this.reason = reason;
  }
}

type Item =
  | readonly [kind: 'ask', id: number, name: string, value: unknown]
  | readonly [kind: 'answer', id: number, value: unknown]
  | readonly [kind: 'failure', id: number, reason: string]
  | readonly [kind: 'tell', name: string, value: unknown];

interface Pending {
  readonly settle: (value: unknown) => void;
  readonly fail: (error: LinkError) => void;
  readonly timer: NodeJS.Timeout;
}

/** How long an answer may take where nothing else is said, in milliseconds. */
const ANSWER_MS = 2_000;

/** Questions and news between two processes. What is sent in one turn of the event loop goes as one message. */
export class ProcessLink {
  readonly #port: LinkPort;
  readonly #handlers: LinkHandlers;
  readonly #pending = new Map<number, Pending>();
  #outbox: Item[] = [];
  #ids = 0;
  #isOpen = true;

  constructor(port: LinkPort, handlers: LinkHandlers) {
    this.#port = port;
    this.#handlers = handlers;
    port.listen(
      (message) => this.#take(message),
      () => this.close(),
    );
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * @param answerMs - How long the answer may take, in milliseconds. @default 2_000
   * @throws GATEWAY_PROCESS when it takes longer, the other process fails to answer, or is gone.
   */
  ask(name: string, value: unknown, answerMs: number = ANSWER_MS): Promise<unknown> {
    if (!this.#isOpen) return Promise.reject(new LinkError('it has ended'));
    const { promise, resolve: settle, reject: fail } = Promise.withResolvers<unknown>();
    this.#ids += 1;
    const id = this.#ids;
    const timer = setTimeout(() => this.#settle(id)?.fail(new LinkError(`no answer within ${answerMs} ms`)), answerMs);
    this.#pending.set(id, { settle, fail, timer });
    this.#post(['ask', id, name, value]);
    return promise;
  }

  /** Nothing comes of it where the other process is gone. */
  tell(name: string, value: unknown): void {
    if (this.#isOpen) this.#post(['tell', name, value]);
  }

  /** Sends at once what waits for the end of this turn. */
  flush(): void {
    const items = this.#outbox;
    if (items.length === 0) return;
    this.#outbox = [];
    this.#port.send({ lockgate: items });
  }

  /** What was asked and not answered fails. */
  close(): void {
    if (!this.#isOpen) return;
    this.flush();
    this.#isOpen = false;
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.fail(new LinkError('it has ended'));
  }

  #post(item: Item): void {
    if (this.#outbox.push(item) === 1) setImmediate(() => this.flush());
  }

  #take(message: unknown): void {
    const items = (message as { readonly lockgate?: readonly Item[] } | null)?.lockgate;
    if (!Array.isArray(items)) return;
    for (const item of items as readonly Item[]) {
      if (item[0] === 'ask') void this.#answer(item[1], item[2], item[3]);
      else if (item[0] === 'tell') this.#handlers[item[1]]?.(item[2] as never);
      else if (item[0] === 'answer') this.#settle(item[1])?.settle(item[2]);
      else this.#settle(item[1])?.fail(new LinkError(item[2]));
    }
  }

  async #answer(id: number, name: string, value: unknown): Promise<void> {
    try {
      const handler = this.#handlers[name];
      if (!handler) throw new LinkError(`it does not know "${name}", and may be of another version`);
      const answer = await handler(value as never);
      if (this.#isOpen) this.#post(['answer', id, answer]);
    } catch (error) {
      if (this.#isOpen)
        this.#post(['failure', id, error instanceof LinkError ? error.reason : (error as Error).message]);
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    clearTimeout(pending?.timer);
    return pending;
  }
}
