import type { GatewayConfig } from './config/schema.ts';
import { GatewayClosedError } from './errors.ts';
import type { Guests } from './guests.ts';
import type { Logger } from './logger.ts';

export interface LazyGuestsOptions {
  readonly logger: Logger;
  readonly isOpen: () => boolean;
  /** Called after another version of a module has gone live. */
  readonly onReload: (name: string) => void;
}

/** The guests of a gateway, opened when the first of them is needed: a gateway without guests needs no WebAssembly. */
export class LazyGuests {
  readonly #options: LazyGuestsOptions;
  #guests: Promise<Guests> | undefined;
  #opened: Guests | undefined;

  constructor(options: LazyGuestsOptions) {
    this.#options = options;
  }

  /** What was opened; undefined as long as no guest was needed. */
  get opened(): Guests | undefined {
    return this.#opened;
  }

  /** @throws GATEWAY_CLOSED */
  open({ gateway: { wasmCacheDir } }: GatewayConfig): Promise<Guests> {
    if (!this.#options.isOpen()) return Promise.reject(new GatewayClosedError());
    this.#guests ??= this.#load(wasmCacheDir);
    return this.#guests;
  }

  async close(): Promise<void> {
    await (await this.#guests)?.close();
  }

  async #load(cacheDirectory: string | undefined): Promise<Guests> {
    const { openGuests } = await import('./guests.ts');
    const guests = await openGuests({ cacheDirectory, logger: this.#options.logger });
    guests.onReload(this.#options.onReload);
    this.#opened = guests;
    return guests;
  }
}
