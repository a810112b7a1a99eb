import type { Pipeline } from '../../src/call/pipeline.ts';
import type { Exchange } from '../../src/protocol/exchange.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { Message } from '../../src/protocol/message.ts';
import { RpcCode, RpcError } from '../../src/protocol/rpc-error.ts';

/** Requests that have come to the pipeline, and wait until the test answers them. */
export class HeldPipeline {
  readonly exchanges: Exchange[] = [];
  readonly notified: Message[] = [];
  readonly #answers: PromiseWithResolvers<ObjectText>[] = [];

  get pipeline(): Pipeline {
    const pipeline = {
      answer: (exchange: Exchange) => this.#take(exchange),
      notified: async (message: Message) => void this.notified.push(message),
      knows: () => true,
    };
    return pipeline as unknown as Pipeline;
  }

  /** Answers the request that came at this place. */
  async answer(at: number, result: Record<string, unknown>): Promise<void> {
    this.#answers[at]?.resolve(ObjectText.from(result));
    await new Promise((resolve) => setImmediate(resolve));
  }

  #take(exchange: Exchange): Promise<ObjectText> {
    const held = Promise.withResolvers<ObjectText>();
    this.exchanges.push(exchange);
    this.#answers.push(held);
    exchange.cancellation.onCancel((reason) => {
      held.reject(RpcError.of(RpcCode.internalError, reason instanceof Error ? reason.message : ''));
    });
    return held.promise;
  }
}
