import { ceilingReached } from '../ceilings.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import type { FrameOrigin } from '../protocol/exchange.ts';
import type { RequestFrame } from '../protocol/frame/frame.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { type Bytes, writeError, writeResult } from '../protocol/frame/write-frame.ts';
import type { Message } from '../protocol/message.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { holdAll, whileAny } from './asking-requests.ts';
import type { PendingRequest } from './pending-request.ts';

/**
 * Questions on one connection that may wait at once: a server that asks in a loop must neither fill the memory nor use up
 * what its client can be asked by others.
 */
const MAX_QUESTIONS = 32;

export interface ServerQuestionsOptions {
  readonly send: (frame: Bytes) => void;
  /** Asks whoever the connection belongs to, where no request can be told. */
  readonly stray: (message: Message, cancellation: Cancellation) => Promise<ObjectText>;
}

/** What a server asks while it works: sampling, elicitation, roots. The answer goes back under the id the server chose. */
export class ServerQuestions {
  readonly #options: ServerQuestionsOptions;
  readonly #open = new Map<string, Set<Cancellation>>();
  #size = 0;
  #hasAskedRoots = false;
  readonly #rootsTold = Promise.withResolvers<void>();

  constructor(options: ServerQuestionsOptions) {
    this.#options = options;
  }

  /** Whether it has asked for the client's roots, which it will take for those of whoever speaks on the connection. */
  get hasAskedRoots(): boolean {
    return this.#hasAskedRoots;
  }

  /** Resolves when an answer about roots has been given that no request was the reason for. */
  get rootsTold(): Promise<void> {
    return this.#rootsTold.promise;
  }

  /**
   * @param askers - The requests of one client on behalf of one of which it is asked, where that can be told; the newest one asks.
   * @param origin - Whether the protocol ties it to that request.
   */
  take(frame: RequestFrame, askers: readonly PendingRequest[], origin: FrameOrigin): void {
    const id = Buffer.from(frame.id);
    if (frame.method === 'ping') {
      this.#options.send(writeResult(id, ObjectText.EMPTY));
      return;
    }
    if (this.#size >= MAX_QUESTIONS) {
      ceilingReached('questions');
      const error = RpcError.of(RpcCode.internalError, `${MAX_QUESTIONS} requests wait for an answer already`);
      this.#options.send(writeError(id, error.text));
      return;
    }
    if (frame.method === 'roots/list') this.#hasAskedRoots = true;
    void this.#answer(id, frame, askers, origin);
  }

  /** The server takes a question back. */
  cancel(params: ObjectText | undefined): void {
    const key = params?.bytes('requestId')?.toString('utf8') ?? '';
    for (const cancellation of this.#withdrawn(key)) {
      cancellation.cancel(new Error(params?.text('reason') ?? 'the server no longer asks'));
    }
  }

  closeAll(): void {
    for (const cancellation of [...this.#open.keys()].flatMap((key) => this.#withdrawn(key))) {
      cancellation.cancel(new Error('the server has gone'));
    }
  }

  /** The open questions under this id, which get no answer any more. */
  #withdrawn(key: string): readonly Cancellation[] {
    const open = this.#open.get(key);
    const withdrawn = [...(open ?? [])];
    open?.clear();
    return withdrawn;
  }

  async #answer(
    id: Buffer,
    { method, params }: RequestFrame,
    askers: readonly PendingRequest[],
    origin: FrameOrigin,
  ): Promise<void> {
    const key = id.toString('utf8');
    const { cancellation, detach } = whileAny(askers);
    const open = this.#open.get(key) ?? new Set();
    this.#open.set(key, open.add(cancellation));
    this.#size++;
    const exchange = askers.at(-1)?.exchange;
    const message = { method, params: params?.copy() };
    const release = holdAll(askers, message);
    try {
      const asked = exchange ? exchange.ask(message, cancellation, origin) : this.#options.stray(message, cancellation);
      this.#options.send(writeResult(id, await asked));
    } catch (error) {
      if (open.has(cancellation)) this.#options.send(writeError(id, toRpcError(error).text));
    } finally {
      this.#size--;
      release();
      if (method === 'roots/list' && askers.length === 0) this.#rootsTold.resolve();
      open.delete(cancellation);
      if (open.size === 0) this.#open.delete(key);
      detach();
    }
  }
}

function toRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  return RpcError.of(RpcCode.internalError, error instanceof Error ? error.message : 'the client could not be asked');
}
