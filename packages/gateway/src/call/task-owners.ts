import { isObject, type JsonObject } from '../upstream/message.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { Served } from './served.ts';

/** Tasks that are remembered; the oldest are forgotten first. */
const MAX_TASKS = 10_000;

interface Owner {
  readonly served: Served;
  readonly client: string;
}

/**
 * Whose tasks are whose. A server gives a task to a connection, and connections are shared: so it is the gateway that
 * knows which client asked for it, and lets nobody else at it.
 */
export class TaskOwners {
  readonly #owners = new Map<string, Owner>();

  /** Looks whether a result is the beginning of a task. */
  note(result: JsonObject, served: Served, client: string): void {
    const { task } = result;
    if (!isObject(task) || typeof task.taskId !== 'string') return;
    this.#owners.set(task.taskId, { served, client });
    const [oldest] = this.#owners.keys();
    if (this.#owners.size > MAX_TASKS && oldest !== undefined) this.#owners.delete(oldest);
  }

  /** The server that works on a task of this client. */
  serverOf(taskId: unknown, client: string): Served | undefined {
    const owner = typeof taskId === 'string' ? this.#owners.get(taskId) : undefined;
    return owner?.client === client ? owner.served : undefined;
  }

  /** The client that a server's news about a task are for. */
  clientOf(taskId: unknown, upstream: Upstream): string | undefined {
    const owner = typeof taskId === 'string' ? this.#owners.get(taskId) : undefined;
    return owner?.served.upstream === upstream ? owner.client : undefined;
  }
}
