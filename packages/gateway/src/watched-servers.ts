import type { GatewayConfig } from './config/schema.ts';
import type { WasmServerEntry } from './config/servers-section.ts';
import { type ConfigWatch, watchConfig } from './config/watch.ts';
import { sentenceOf } from './diagnosis.ts';
import type { Logger } from './logger.ts';
import { commandOrigin } from './modules/command-origin.ts';
import { lookAtModule } from './modules/look-at-module.ts';

export interface WatchedServersOptions {
  readonly logger: Logger;
  /** Starts a server anew; the one that runs ends when its calls are answered. */
  readonly restart: (name: string) => Promise<void>;
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
    const { logger, restart } = this.#options;
    return watchConfig({
      files: [entry.wasm],
      apply: async () => {
        const problem = await lookAtModule('command', commandOrigin(entry));
        if (problem) {
          logger.warn({ server: name, reason: sentenceOf(problem) }, 'a new version was rejected');
          return;
        }
        await restart(name);
        logger.info({ server: name }, 'a new version is served');
      },
      onError: (error) => logger.error({ server: name, err: error }, 'a new version could not be served'),
    });
  }
}
