import { UpstreamFaultError } from '../errors.ts';
import { FrameError } from '../protocol/frame/frame-error.ts';
import { answeredId, askedId, isMeantToAsk } from '../protocol/frame/outermost-id.ts';
import { type Bytes, writeError } from '../protocol/frame/write-frame.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import type { PendingRequest } from './pending-request.ts';
import type { PendingRequests } from './pending-requests.ts';
import type { StrayMessages } from './stray-messages.ts';

export interface MisreadFramesOptions {
  readonly server: string;
  readonly pending: PendingRequests;
  readonly strays: StrayMessages;
  readonly send: (frame: Bytes) => void;
  readonly onError: (error: Error) => void;
}

/** What a server sends that is no frame. */
export class MisreadFrames {
  readonly #options: MisreadFramesOptions;

  constructor(options: MisreadFramesOptions) {
    this.#options = options;
  }

  /**
   * A fault of the server; where it can be told, of the request that it was meant to answer. A question gets the error of the protocol, so that
   * nobody waits for its answer; the request on whose stream it came goes on.
   *
   * @returns False where it is no answer either.
   */
  take(bytes: Buffer, error: Error, own: PendingRequest | undefined): boolean {
    const { server, pending: all, strays, onError } = this.#options;
    const frame = error instanceof FrameError ? error : undefined;
    if (frame?.asks || isMeantToAsk(bytes)) {
      const id = frame?.id ?? askedId(bytes);
      strays.add(() => error);
      if (id) this.#refuse(id, RpcError.of(frame?.rpcCode ?? RpcCode.parseError, error.message));
      return false;
    }
    const pending = own ?? all.get(frame?.id ? Number(frame.id.toString('latin1')) : (answeredId(bytes) ?? 0));
    if (!pending) {
      strays.add(() => error);
      return false;
    }
    onError(error);
    pending.reject(
      new UpstreamFaultError({ server, method: pending.method, problem: error.message }, { cause: error }),
    );
    return true;
  }

  /**
   * A question or a notification was too long, and was passed over.
   *
   * @param id - Of the question, where it is known.
   */
  tooLong(id: Buffer | undefined, maxBytes: number): void {
    const problem = `has more than ${maxBytes} bytes, the most of a message, and was passed over`;
    this.#options.strays.add(() => new Error(`a request or notification of the server ${problem}`));
    if (id) this.#refuse(id, RpcError.of(RpcCode.invalidRequest, `The request ${problem}; send less at once.`));
  }

  #refuse(id: Buffer, error: RpcError): void {
    this.#options.send(writeError(Buffer.from(id), error.text));
  }
}
