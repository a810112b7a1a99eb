import { setTimeout as pause } from 'node:timers/promises';
import type { ToolResult } from '@lockgate/abi';
import { createLoader, type Loader } from '@lockgate/loader';
import type { ExecuteOptions, Plugin, Runtime } from '@lockgate/runtime';
import { versionGuest } from '@lockgate/testkit';

const NAME = 'versioned';
const A = versionGuest('A');
const B = versionGuest('B');
const PAUSE_MS = 500;

/** A plugin whose version changes while it is called, and who sees an answer of a version that was not live. */
export class Versions {
  readonly #loader: Loader;
  readonly #plugin: Plugin;
  /** The generation that was announced last: odd ones are A, even ones B. */
  #announced = 1;

  private constructor(loader: Loader, plugin: Plugin) {
    this.#loader = loader;
    this.#plugin = plugin;
    loader.on('reloaded', ({ generation }) => {
      this.#announced = generation;
    });
  }

  static async open(runtime: Runtime): Promise<Versions> {
    const loader = createLoader({ runtime });
    return new Versions(loader, await loader.load(A, { name: NAME, instances: { min: 2, max: 2 } }));
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

  /** Changes the version again and again until the signal fires. */
  async change(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      await this.#loader.reload(NAME, this.#announced % 2 === 1 ? B : A);
      await pause(PAUSE_MS, undefined, { signal: over }).catch(() => undefined);
    }
  }

  close(): Promise<void> {
    return this.#loader.close();
  }
}
