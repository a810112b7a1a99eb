import { ProtocolError, type Transport } from '@modelcontextprotocol/client';
import { isObject, type JsonObject } from './message.ts';

/** A request with its JSON-RPC frame. */
export interface RequestFrame {
  readonly jsonrpc: '2.0';
  readonly id: number;
  readonly method: string;
  readonly params?: JsonObject | undefined;
}

export interface AskOptions {
  /** Ends the waiting; telling the server is the caller's business. */
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The stream that would have brought the answer has ended without it. */
  readonly onLost: () => void;
}

/**
 * A transport that takes requests past the SDK's protocol layer, which checks and copies every frame several times on its
 * way. Handshakes, notifications and what servers ask stay with the SDK.
 */
export interface DirectTransport extends Transport {
  /**
   * Sends a request and resolves to its result as the server wrote it.
   *
   * @throws the server's JSON-RPC error.
   */
  ask(frame: RequestFrame, options: AskOptions): Promise<JsonObject>;
  /** Offered each frame before the SDK gets it; true for the answer to a request that waits here. */
  take(frame: unknown): boolean;
}

export function isDirect(transport: Transport): transport is DirectTransport {
  return 'ask' in transport;
}

/** A request that waits for its answer. */
export interface Awaited {
  readonly result: Promise<JsonObject>;
  /** It will not be answered. */
  fail(reason: unknown): void;
}

/** The requests of one connection that wait for their answers. */
export class Answers {
  readonly #waiting = new Map<unknown, (frame: JsonObject) => void>();

  /** The result comes once `take` has seen it. */
  expect(id: number, signal: AbortSignal): Awaited {
    signal.throwIfAborted();
    const { promise: result, resolve, reject } = Promise.withResolvers<JsonObject>();
    const settle = (end: () => void): void => {
      this.#waiting.delete(id);
      signal.removeEventListener('abort', onAbort);
      end();
    };
    const fail = (reason: unknown): void => settle(() => reject(reason));
    const onAbort = (): void => fail(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiting.set(id, (frame) =>
      settle(() => {
        try {
          resolve(resultOf(frame));
        } catch (error) {
          reject(error);
        }
      }),
    );
    return { result, fail };
  }

  take(frame: unknown): boolean {
    if (!isAnswer(frame)) return false;
    const settle = this.#waiting.get(frame.id);
    settle?.(frame);
    return settle !== undefined;
  }
}

/** Whether it is the whole of an answer. Source: JSON-RPC 2.0, section 5. */
export function isAnswer(frame: unknown): frame is JsonObject {
  if (!isObject(frame) || frame.jsonrpc !== '2.0') return false;
  if (isObject(frame.result)) return true;
  return isObject(frame.error) && Number.isSafeInteger(frame.error.code) && typeof frame.error.message === 'string';
}

/** @throws the JSON-RPC error that the answer is. */
export function resultOf({ result, error }: JsonObject): JsonObject {
  if (!isObject(error)) return result as JsonObject;
  throw ProtocolError.fromError(Number(error.code), String(error.message), error.data);
}
