import type { PluginEntry } from './config/modules-section.ts';
import type { Guests } from './guests.ts';
import type { PluginHandle } from './upstream/plugin-handle.ts';

/** One plugin of the configuration in the loader. Its name passes on at once to the one that comes after it, whatever calls still run here. */
export class PluginPlace {
  readonly #name: string;
  readonly #entry: PluginEntry;
  readonly #open: () => Promise<Guests>;
  #guests: Guests | undefined;
  #handle: PluginHandle | undefined;
  #isLeft = false;

  constructor(name: string, entry: PluginEntry, open: () => Promise<Guests>) {
    this.#name = name;
    this.#entry = entry;
    this.#open = open;
  }

  /** Whether it has given its name away. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** Its file, where it is of one. */
  get path(): string | undefined {
    return this.#entry.path;
  }

  async load(): Promise<PluginHandle> {
    const guests = await this.#open();
    if (this.#isLeft) throw new Error(`"${this.#name}" has another entry by now`);
    this.#guests = guests;
    try {
      this.#handle = await guests.loadPlugin(this.#name, this.#entry);
      return this.#handle;
    } catch (error) {
      this.#guests = undefined;
      throw error;
    }
  }

  /** Gives the name away, in this very step. What is loaded goes on until it is unloaded; what is being loaded ends. */
  leave(): void {
    if (this.#isLeft) return;
    this.#isLeft = true;
    if (this.#handle) this.#guests?.release(this.#name);
    else void this.#guests?.unload(this.#name).catch(() => {}); // its load says why
  }

  /** Takes away what is loaded; running calls drain first, unless somebody has seen to that. */
  async unload(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#guests = undefined;
    await handle?.close(this.#isLeft ? { drainMs: 0 } : {});
  }
}
