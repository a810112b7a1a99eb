import { setTimeout as pause } from 'node:timers/promises';
import type { ToolResult } from '@lockgate/abi';
import { createLoader, type Loader } from '@lockgate/loader';
import type { ExecuteOptions, Plugin, PluginOptions, Runtime } from '@lockgate/runtime';

const NAME = 'versioned';
const PAUSE_MS = 500;

/** Two versions of one plugin: what `echo` of each answers begins with its name and a colon. */
export type TwoVersions = Readonly<Record<'A' | 'B', Uint8Array>>;

/** A plugin whose version changes while it is called, and who sees an answer of a version that was not live. */
export class Versions {
  readonly #loader: Loader;
  readonly #plugin: Plugin;
  readonly #modules: TwoVersions;
  /** The generation that was announced last: odd ones are A, even ones B. */
  #announced = 1;

  private constructor(loader: Loader, plugin: Plugin, modules: TwoVersions) {
    this.#modules = modules;
    this.#loader = loader;
    this.#plugin = plugin;
    loader.on('reloaded', ({ generation }) => {
      this.#announced = generation;
    });
  }

  static async open(runtime: Runtime, modules: TwoVersions, options: PluginOptions = {}): Promise<Versions> {
    const loader = createLoader({ runtime });
    const plugin = await loader.load(modules.A, { name: NAME, instances: { min: 2, max: 2 }, ...options });
    return new Versions(loader, plugin, modules);
  }

  /** How many versions have been live. */
  get count(): number {
    return this.#announced;
  }

  /** Calls of versions that are neither live nor ended. */
  get leases(): number {
    return this.#loader.list().reduce((sum, { leases }) => sum + leases, 0);
  }

  /** Answers the message, without the version's name where that was live at some time of the call. */
  async call(message: string, options: ExecuteOptions): Promise<ToolResult> {
    const before = this.#announced;
    const { data, isError } = await this.#plugin.execute('echo', { message }, options);
    const possible = this.#announced > before ? ['A:', 'B:'] : [before % 2 === 1 ? 'A:' : 'B:'];
    return { data: possible.includes(data.slice(0, 2)) ? data.slice(2) : data, isError };
  }

  /** A call of something that both versions answer alike. */
  execute(tool: string, message: string, options: ExecuteOptions): Promise<ToolResult> {
    return this.#plugin.execute(tool, { message }, options);
  }

  /** Changes the version again and again until the signal fires. */
  async change(over: AbortSignal): Promise<void> {
    const { A, B } = this.#modules;
    while (!over.aborted) {
      await this.#loader.reload(NAME, this.#announced % 2 === 1 ? B : A);
      await pause(PAUSE_MS, undefined, { signal: over }).catch(() => undefined);
    }
  }

  close(): Promise<void> {
    return this.#loader.close();
  }
}
