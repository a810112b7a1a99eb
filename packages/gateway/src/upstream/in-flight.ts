import { AsyncLocalStorage } from 'node:async_hooks';
import type { Exchange } from './peer.ts';

/** One request on its way to a server. */
export interface InFlight {
  readonly exchange: Exchange | undefined;
  /** The stream that would have brought the answer has ended without it. */
  lost(): void;
}

/**
 * Which request a message from a server belongs to.
 *
 * MCP does not say so: a log message or a question carries no id of the request it is about. Over HTTP it arrives on the
 * stream of that request, and the SDK reads the stream inside the asynchronous context of the one who sent the request,
 * so the context knows. Over a pipe only a request that is alone can be told.
 */
export class InFlightRequests {
  static readonly #context = new AsyncLocalStorage<InFlight | undefined>();
  readonly #running = new Set<InFlight>();

  /** Runs what must not be taken for a part of the request around it, such as opening a connection. */
  static outside<T>(work: () => T): T {
    return InFlightRequests.#context.run(undefined, work);
  }

  async run<T>(request: InFlight, work: () => Promise<T>): Promise<T> {
    this.#running.add(request);
    try {
      return await InFlightRequests.#context.run(request, work);
    } finally {
      this.#running.delete(request);
    }
  }

  /**
   * The request that a message arriving now belongs to; undefined where none does, or it cannot be told.
   *
   * @param onlyByContext - Requests have streams of their own, so that what arrives on another belongs to none.
   */
  attribute(onlyByContext: boolean): InFlight | undefined {
    const current = InFlightRequests.#context.getStore();
    if (current && this.#running.has(current)) return current;
    if (onlyByContext || this.#running.size !== 1) return undefined;
    const [only] = this.#running;
    return only;
  }

  /** The connection has ended. */
  loseAll(): void {
    for (const request of this.#running) request.lost();
  }

  get size(): number {
    return this.#running.size;
  }
}
