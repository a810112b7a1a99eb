import { Cancellation } from '../protocol/cancellation.ts';
import type { Exchange } from '../protocol/exchange.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { JsonObject } from '../protocol/message.ts';
import { askedParams } from './asked-params.ts';

const MS_PER_SECOND = 1_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Where what a plugin says beside its answer goes. */
export type PluginWire = Pick<Exchange, 'peer' | 'progressToken' | 'notify' | 'ask'>;

/** News of a plugin that are for all who listen: a changed list, or a changed resource. */
export type OnNews = (method: string, params: ObjectText | undefined) => void;

/** Those of changed lists and resources. */
const NEWS = /^notifications\/(?:.*\/list_changed|resources\/updated)$/;

/** The client that a plugin works for, as long as one request of it runs: whom the plugin asks, and whom it tells something. */
export class PluginClient {
  readonly #wire: PluginWire;
  readonly #cancellation: Cancellation;
  readonly #onNews: OnNews;

  constructor(wire: PluginWire, cancellation: Cancellation, onNews: OnNews) {
    this.#wire = wire;
    this.#cancellation = cancellation;
    this.#onNews = onNews;
  }

  /**
   * The client's answer.
   *
   * @param asked - The parameters; `timeout`, in seconds, is the plugin's own wish and goes no further.
   * @throws what keeps the client from being asked, its own error, or that it took too long.
   */
  async ask(method: string, { timeout, ...asked }: JsonObject, signal: AbortSignal): Promise<ObjectText> {
    const { peer } = this.#wire;
    const params = ObjectText.from(askedParams(method, asked, peer.capabilities));
    const cancellation = Cancellation.within(this.#cancellation);
    const end = (): void => cancellation.cancel(signal.reason);
    signal.addEventListener('abort', end, { once: true });
    const late = (): void => cancellation.cancel(new Error('nobody answered in time'));
    const timer = typeof timeout === 'number' ? setTimeout(late, timerMs(timeout)) : undefined;
    try {
      return await this.#wire.ask({ method, params }, cancellation);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      cancellation.detach();
    }
  }

  tell(method: string, params: ObjectText | undefined): void {
    const { progressToken } = this.#wire;
    if (NEWS.test(method)) this.#onNews(method, params);
    else if (method !== 'notifications/progress') this.#wire.notify({ method, params });
    else if (params && progressToken)
      this.#wire.notify({ method, params: params.with('progressToken', progressToken) });
  }
}

function timerMs(seconds: number): number {
  return Math.min(LONGEST_TIMER_MS, Math.max(0, seconds * MS_PER_SECOND));
}
