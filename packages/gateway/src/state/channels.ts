import { parseJson } from '../json.ts';
import type { Logger } from '../logger.ts';
import type { ChannelListener } from './state-store.ts';

interface Subscription {
  readonly listener: ChannelListener;
  open: boolean;
}

/** Hands messages to the listeners of this process: in order, each a copy of its own, and never one after the end of a subscription. */
export class Channels {
  readonly #subscriptions = new Map<string, Set<Subscription>>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(channel: string, listener: ChannelListener): () => void {
    const subscription: Subscription = { listener, open: true };
    const of = this.#subscriptions.get(channel) ?? new Set();
    this.#subscriptions.set(channel, of.add(subscription));
    return () => {
      subscription.open = false;
      of.delete(subscription);
      if (of.size === 0 && this.#subscriptions.get(channel) === of) this.#subscriptions.delete(channel);
    };
  }

  /** Whether somebody here listens. */
  has(channel: string): boolean {
    return this.#subscriptions.has(channel);
  }

  /** Delivers later, so that a listener never runs inside its publisher. False where nobody listens. */
  deliver(channel: string, json: string): boolean {
    const listening = this.#subscriptions.get(channel);
    for (const subscription of listening ?? []) {
      const heard = Promise.resolve().then(() => {
        if (subscription.open) return subscription.listener.message(parseJson(json));
      });
      heard.catch((error: unknown) => {
        this.#logger.error({ channel, err: error }, 'a listener of the state store failed');
      });
    }
    return listening !== undefined;
  }

  clear(): void {
    for (const of of this.#subscriptions.values()) for (const subscription of of) subscription.open = false;
    this.#subscriptions.clear();
  }
}
