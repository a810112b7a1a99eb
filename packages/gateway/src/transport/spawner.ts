import { type Spawned, type SpawnOptions, spawnHere } from './spawned.ts';
import { SpawningProcess } from './spawning-process.ts';

/** How long the process is kept after the last program it has started is gone, in milliseconds. */
const IDLE_MS = 10_000;

/**
 * Starts programs from a small process of its own. The system copies the memory map of whoever starts a program, and nothing
 * else is done meanwhile: in a gateway of 800 MB that took 57 ms for each program, from here 2 ms.
 *
 * The process begins with the first program and ends some seconds after the last. Where it cannot be had or is lost, programs are started from
 * the gateway itself; those that run go on.
 */
export class Spawner {
  #current: Promise<SpawningProcess> | undefined;
  #idle: NodeJS.Timeout | undefined;

  /** @throws the error of the system that says why the program cannot be started. */
  async spawn(options: SpawnOptions): Promise<Spawned> {
    clearTimeout(this.#idle);
    this.#current ??= this.#begin();
    const current = await this.#current.catch(() => undefined);
    return (current && (await current.spawn(options))) ?? spawnHere(options);
  }

  /** It is of no more use. */
  close(): void {
    clearTimeout(this.#idle);
    const ending = this.#current;
    this.#current = undefined;
    void ending?.then(
      (process) => process.close(),
      () => {},
    );
  }

  #begin(): Promise<SpawningProcess> {
    // One that was closed for idling tells its loss when the next may have begun: each is forgotten by itself alone.
    const begun = SpawningProcess.begin({
      onIdle: (process) => {
        clearTimeout(this.#idle);
        this.#idle = setTimeout(() => process.isIdle && this.#forget(begun), IDLE_MS);
        this.#idle.unref();
      },
      onLost: () => this.#forget(begun),
    });
    return begun;
  }

  #forget(gone: Promise<SpawningProcess>): void {
    if (this.#current === gone) this.close();
  }
}
