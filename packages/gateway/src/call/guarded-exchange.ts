import type { CallFrames } from '../monitor/call-monitor.ts';
import { notificationDownRule, requestDownRule } from '../monitor/channels.ts';
import { Cancellation } from '../protocol/cancellation.ts';
import type { Exchange, FrameOrigin } from '../protocol/exchange.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import { canBeAsked } from '../protocol/peer.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { InOrder } from './in-order.ts';

/** What a server is told whose question may not be asked, or whose answer may not be sent: why is not its business. */
export function refusedQuestion({ method }: Message): RpcError {
  return RpcError.of(RpcCode.refused, `The gateway's policy does not let "${method}" be answered`);
}

/**
 * The client's answer to a question of a server.
 *
 * @param mayWrite - Whether the server may be sent it; an error of the client is an answer as well.
 * @throws as {@link refusedQuestion} where it may not; else what `asked` rejects with.
 */
export async function answerThatMayBeSent(
  message: Message,
  asked: Promise<ObjectText>,
  mayWrite: () => Promise<boolean>,
): Promise<ObjectText> {
  const [answer] = await Promise.allSettled([asked]);
  const isFromClient = answer.status === 'fulfilled' || answer.reason instanceof RpcError;
  if (isFromClient && !(await mayWrite())) throw refusedQuestion(message);
  if (answer.status === 'rejected') throw answer.reason;
  return answer.value;
}

/** The exchange of one call as its server gets it: what goes to the client beside the result, and back, passes the monitor. */
export class GuardedExchange {
  /** What is handed on in place of the client's own. */
  readonly exchange: Exchange;
  readonly #client: Exchange;
  readonly #frames: CallFrames;
  readonly #order = new InOrder();
  readonly #cancellation = new Cancellation();
  readonly #forget: () => void;
  #isOver = false;

  constructor(client: Exchange, frames: CallFrames) {
    this.#client = client;
    this.#frames = frames;
    // The client's reason is a text of the client's, and a server is sent it.
    this.#forget = client.cancellation.onCancel(() => this.#cancellation.cancel(new Error('')));
    this.exchange = {
      ...client,
      saysNothingOfItself: !frames.maySayMore,
      cancellation: this.#cancellation,
      notify: (message, origin = 'own') => this.#notify(message, origin),
      ask: (message, cancellation, origin = 'own') => this.#ask(message, cancellation, origin),
    };
  }

  /** The call has ended. Resolves when all that came before is told: an answer overtakes nothing. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#forget();
    await this.#order.settled;
  }

  #notify(message: Message, origin: FrameOrigin): void {
    const rule = notificationDownRule(message.method);
    const about = origin === 'own' ? [] : this.#frames.workedOn();
    const isTold =
      !this.#isOver &&
      rule === 'contents' &&
      this.#order.add(message, async (kept) => {
        if (await this.#frames.mayRead(kept.method, origin, about)) this.#client.notify(kept);
      });
    if (!isTold) this.#frames.dropped(message.method);
  }

  async #ask(message: Message, cancellation: Cancellation, origin: FrameOrigin): Promise<ObjectText> {
    const rule = requestDownRule(message.method);
    // A client that cannot be asked has no connection of its own: whose call was meant nobody can tell.
    const isTied = origin === 'own' || canBeAsked(this.#client.peer);
    if (this.#isOver || rule !== 'question' || !isTied) {
      this.#frames.dropped(message.method);
      throw refusedQuestion(message);
    }
    const about = origin === 'own' ? [] : this.#frames.workedOn();
    await this.#order.settled;
    if (!(await this.#frames.mayAsk(message.method, origin, about))) throw refusedQuestion(message);
    cancellation.throwIfCancelled();
    return answerThatMayBeSent(message, this.#client.ask(message, cancellation, origin), () =>
      this.#frames.mayWrite(message.method),
    );
  }
}
