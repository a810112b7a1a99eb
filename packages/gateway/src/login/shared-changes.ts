import { randomUUID } from 'node:crypto';
import type { Logger } from '../logger.ts';
import type { StateStore } from '../state/state-store.ts';

const CHANNEL = 'login-changed';

interface Change {
  readonly from: string;
  readonly server: string;
  readonly holder: string;
}

export interface SharedChangesOptions {
  readonly store: StateStore;
  readonly logger: Logger;
  /** Somebody has logged in or out at another gateway; both undefined where any may have. */
  readonly onChanged: (server: string | undefined, holder: string | undefined) => void;
}

/** Tells gateways that share a store at once where a login has changed: each holds tokens of its own, which would be good until they end. */
export class SharedChanges {
  readonly #options: SharedChangesOptions;
  readonly #name = randomUUID();
  #listening: Promise<unknown> | undefined;

  constructor(options: SharedChangesOptions) {
    this.#options = options;
  }

  /** From here on what others tell is heard; where the store is away, once this is asked again. */
  listen(): void {
    const { store, onChanged } = this.#options;
    if (!store.isShared || this.#listening !== undefined) return;
    const message = (said: unknown): void => {
      const { from, server, holder } = said as Change;
      if (from !== this.#name) onChanged(server, holder);
    };
    const all = (): void => onChanged(undefined, undefined);
    this.#listening = store.subscribe(CHANNEL, { message, gap: all }).then(all, () => {
      this.#listening = undefined;
    });
  }

  /** Never fails: where the store is away, gateways that find it again read what it has. */
  async publish(server: string, holder: string): Promise<void> {
    const { store, logger } = this.#options;
    if (!store.isShared) return;
    const change: Change = { from: this.#name, server, holder };
    await store
      .publish(CHANNEL, change)
      .catch((err: unknown) =>
        logger.warn({ err, server }, 'other gateways could not be told of a login that has changed'),
      );
  }
}
