import { LockgateError } from '@lockgate/abi/without-guests';

/**
 * What came is no JSON-RPC frame, or one that two readers could read differently. Nothing of it was used.
 *
 * The message names what is wrong and the byte where it was found; it never quotes the frame.
 */
export class FrameError extends LockgateError {
  override readonly name = 'FrameError';
  readonly code = 'GATEWAY_FRAME';
  /** JSON-RPC's code for an answer: -32700 where the bytes are not JSON, -32600 where they are JSON but no frame. */
  readonly rpcCode: -32700 | -32600;
  /** The frame's id as it came, where it could still be read: a view, to be copied by whoever keeps it. */
  readonly id: Buffer | undefined;
  /** Whether it is known to have been meant as a request or a notification. */
  readonly asks: boolean;

  constructor(facts: FrameFacts) {
    super(`The frame ${facts.problem}, at byte ${facts.byteOffset}.`);
    this.rpcCode = facts.rpcCode;
    this.id = facts.id;
    this.asks = facts.asks ?? false;
  }
}

interface FrameFacts {
  readonly rpcCode: -32700 | -32600;
  readonly problem: string;
  readonly byteOffset: number;
  readonly id?: Buffer | undefined;
  readonly asks?: boolean;
}

/** @throws FrameError */
export function notJson(problem: string, byteOffset: number): never {
  throw new FrameError({ rpcCode: -32700, problem: `is not JSON: ${problem}`, byteOffset });
}
