import type { Label } from './label.ts';

interface Running {
  readonly resource: Label;
}

/** The calls that servers work on now: what a server says while several run may be about each of them. */
export class RunningCalls {
  readonly #byServer = new Map<string, Set<Running>>();

  async during<T>(server: string, call: Running, work: () => Promise<T>): Promise<T> {
    const calls = this.#byServer.get(server) ?? new Set();
    this.#byServer.set(server, calls.add(call));
    try {
      return await work();
    } finally {
      calls.delete(call);
      if (calls.size === 0) this.#byServer.delete(server);
    }
  }

  resourcesOf(server: string): readonly Label[] {
    return [...(this.#byServer.get(server) ?? [])].map(({ resource }) => resource);
  }
}
