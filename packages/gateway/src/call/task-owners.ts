import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { Peer } from '../protocol/peer.ts';
import { Records } from '../state/records.ts';
import type { StateStore } from '../state/state-store.ts';
import { taskOwnerRecords } from '../state/task-owner-record.ts';
import type { Served } from './served.ts';

/** How long it is remembered whose a task is, in milliseconds. */
const KEPT_MS = 24 * 60 * 60_000;

/**
 * Whose tasks are whose. A server gives a task to a connection, and connections are shared: so it is the gateway that
 * knows which client asked for it, and lets nobody else at it.
 */
export class TaskOwners {
  readonly #records: Records<ReturnType<typeof taskOwnerRecords.parse>>;

  constructor(store: StateStore) {
    this.#records = new Records(store, taskOwnerRecords);
  }

  /** Looks whether a result is the beginning of a task. An id that another server has given as well is another task. */
  async note(result: ObjectText, served: Served, peer: Peer): Promise<void> {
    const taskId = result.object('task')?.text('taskId');
    if (taskId === undefined) return;
    const owner = { session: peer.key, principal: peer.caller.name };
    await this.#records.put([served.name, taskId], owner, KEPT_MS);
  }

  /** The server among these that works on a task of this client. */
  async serverOf(taskId: string | undefined, peer: Peer, visible: readonly Served[]): Promise<Served | undefined> {
    if (taskId === undefined) return undefined;
    const owners = await Promise.all(visible.map(({ name }) => this.#records.get([name, taskId])));
    return visible[owners.findIndex((owner) => owner?.session === peer.key)];
  }

  /** The session that a server's notifications about a task are for. */
  async sessionOf(taskId: string | undefined, server: string): Promise<string | undefined> {
    return taskId === undefined ? undefined : (await this.#records.get([server, taskId]))?.session;
  }
}
