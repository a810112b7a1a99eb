import type { Message } from '../upstream/message.ts';

/**
 * What changed while a client had no stream open to be told on. A client opens its stream a moment after its session has
 * begun, and again after a broken connection; what it would miss in between is one line for each list or resource.
 */
export class HeldChanges {
  readonly #held = new Map<string, Message>();
  #streams = 0;

  /** Keeps a change for later; false where a stream is open, or the message is not about a change. */
  take(message: Message): boolean {
    if (this.#streams > 0) return false;
    const { method, params } = message;
    if (!/^notifications\/[^/]+\/(list_changed|updated)$/.test(method)) return false;
    this.#held.set(`${method} ${String(params?.uri)}`, message);
    return true;
  }

  /** A stream is open until the signal ends; answers what has been held. */
  streamOpened(signal: AbortSignal): readonly Message[] {
    this.#streams++;
    signal.addEventListener('abort', () => this.#streams--, { once: true });
    const held = [...this.#held.values()];
    this.#held.clear();
    return held;
  }
}
