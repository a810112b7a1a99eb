import type { Message } from '../protocol/message.ts';

/** Changes that are kept for one client. */
const MAX_HELD = 1_000;

/** Whether a message tells of a change, and nothing else. */
export function isChange({ method }: Message): boolean {
  return /^notifications\/[^/]+\/(list_changed|updated)$/.test(method);
}

/**
 * What changed while a client had no stream open to be told on. A client opens its stream a moment after its session has
 * begun, and again after a broken connection; what it would miss in between is one line for each list or resource.
 */
export class HeldChanges {
  readonly #held = new Map<string, Message>();

  /** Keeps a change for later; false where the message is not about a change. */
  take(message: Message): boolean {
    const { method, params } = message;
    if (!isChange(message)) return false;
    if (this.#held.size >= MAX_HELD) return true;
    this.#held.set(`${method} ${params?.text('uri') ?? ''}`, { method, params: params?.copy() });
    return true;
  }

  /** Forgets what tells of single resources: whoever may read them may be others by now. */
  dropUpdates(): void {
    for (const [key, { method }] of this.#held) if (method.endsWith('/updated')) this.#held.delete(key);
  }

  /** What has been held; it is held no longer. */
  release(): readonly Message[] {
    const held = [...this.#held.values()];
    this.#held.clear();
    return held;
  }
}
