import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';

/** The answer to a question that no client is there to answer. */
export function nobodyToAsk({ method }: Message): Promise<ObjectText> {
  return Promise.reject(RpcError.of(RpcCode.methodNotFound, `No client is there to answer "${method}"`));
}
