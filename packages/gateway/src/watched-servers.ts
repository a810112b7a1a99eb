import type { GatewayConfig } from './config/schema.ts';
import type { WasmServerEntry } from './config/servers-section.ts';
import { type ConfigWatch, watchConfig } from './config/watch.ts';
import { sentenceOf } from './diagnosis.ts';
import type { Logger } from './logger.ts';
import { commandOrigin } from './modules/command-origin.ts';
import { lookWhenAsked } from './modules/look-when-asked.ts';

export interface WatchedServersOptions {
  readonly logger: Logger;
  /** Starts a server anew beside the one that runs, and answers whether it is up. @throws why it does not start; what runs goes on. */
  readonly renew: (name: string) => Promise<boolean>;
  /** A new version cannot be served for this reason, and what runs goes on. */
  readonly refuse: (name: string, reason: string) => void;
}

/** Sees that the file of a whole server has changed. What could not run is told, and what runs goes on. */
export class WatchedServers {
  readonly #options: WatchedServersOptions;
  readonly #watches = new Map<string, { readonly wasm: string; readonly watch: ConfigWatch }>();

  constructor(options: WatchedServersOptions) {
    this.#options = options;
  }

  /** Watches what the configuration wants to have watched, and nothing else. */
  apply({ mcpServers }: GatewayConfig): void {
    const wanted = new Map(
      Object.entries(mcpServers).flatMap(([name, entry]) =>
        entry.type === 'wasm' && entry.watch && !entry.disabled ? [[name, entry] as const] : [],
      ),
    );
    for (const [name, { wasm, watch }] of this.#watches) {
      if (wanted.get(name)?.wasm === wasm) continue;
      this.#watches.delete(name);
      void watch.close();
    }
    for (const [name, entry] of wanted) {
      if (!this.#watches.has(name)) this.#watches.set(name, { wasm: entry.wasm, watch: this.#watch(name, entry) });
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#watches.values()].map(({ watch }) => watch.close()));
  }

  #watch(name: string, entry: WasmServerEntry): ConfigWatch {
    const { logger, renew, refuse } = this.#options;
    return watchConfig({
      files: [entry.wasm],
      apply: async () => {
        const problem = await lookWhenAsked('command', commandOrigin(entry));
        if (problem) refuse(name, sentenceOf(problem));
        else if (await renew(name)) logger.info({ server: name }, 'a new version is served');
      },
      onError: (error) => refuse(name, (error as Error).message),
    });
  }
}
