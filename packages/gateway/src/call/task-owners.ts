import { BadRequestError } from '../errors.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { Peer } from '../protocol/peer.ts';
import { Records } from '../state/records.ts';
import type { StateStore } from '../state/state-store.ts';
import { type TaskCall, type TaskOwnerRecord, taskOwnerRecords } from '../state/task-owner-record.ts';
import type { Served } from './served.ts';

/** How long it is remembered whose a task is, in milliseconds. */
const KEPT_MS = 24 * 60 * 60_000;

/** Longest arguments that are kept to ask a guard about a task again, in characters of JSON. */
const MAX_ARGS = 65_536;

/**
 * Whose tasks are whose. A server gives a task to a connection, and connections are shared: so it is the gateway that
 * knows which client asked for it, and lets nobody else at it.
 */
export class TaskOwners {
  readonly #records: Records<TaskOwnerRecord>;
  readonly #now: () => number;

  readonly #ownAt: (server: string) => string | undefined;

  /**
   * @param now - Milliseconds since 1970.
   * @param ownAt - This gateway's name, where a server is its own and others have another. @default no server is
   */
  constructor(store: StateStore, now: () => number, ownAt: (server: string) => string | undefined = () => undefined) {
    this.#ownAt = ownAt;
    this.#records = new Records(store, taskOwnerRecords);
    this.#now = now;
  }

  /**
   * Looks whether a result is the beginning of a task. An id that another server has given as well is another task; one that the same server
   * has given another client stays that client's.
   *
   * @param call - What the guard of the server was asked about it, where it has one.
   */
  async note(result: ObjectText, served: Served, peer: Peer, call?: TaskCall): Promise<void> {
    const taskId = result.object('task')?.text('taskId');
    if (taskId === undefined) return;
    const kept = call && ((JSON.stringify(call.args) ?? '').length <= MAX_ARGS ? call : null);
    const holder = this.#ownAt(served.name);
    const at = holder === undefined ? {} : { holder };
    const owner = { session: peer.key, principal: peer.caller.name, since: this.#now(), ...at, call: kept };
    const key = [served.name, taskId];
    await this.#records.update(key, (now) => (now && now.session !== peer.key ? now : owner), KEPT_MS);
  }

  /** The server among these that works on a task of this client: where two gave it one id, the first that did. */
  async serverOf(taskId: string | undefined, peer: Peer, visible: readonly Served[]): Promise<Served | undefined> {
    return (await this.#first(taskId, peer, visible))?.served;
  }

  /** The gateway that has the server of a task of this client; undefined where any has. */
  async holderOf(taskId: string | undefined, peer: Peer, visible: readonly Served[]): Promise<string | undefined> {
    return (await this.#first(taskId, peer, visible))?.owner.holder;
  }

  /**
   * The call that began a task of this client, as its guard was asked about it; undefined where no guard was.
   *
   * @throws GATEWAY_BAD_REQUEST where the call was too long to be kept.
   */
  async callOf(taskId: string | undefined, server: string, peer: Peer): Promise<TaskCall | undefined> {
    const owner = taskId === undefined ? undefined : await this.#records.get([server, taskId]);
    if (owner?.session !== peer.key) return undefined;
    if (owner.call === null) {
      const problem = `The arguments of the call that began this task are longer than ${MAX_ARGS} characters`;
      throw new BadRequestError(`${problem}, so the guard of "${server}" cannot be asked about it again.`);
    }
    return owner.call;
  }

  async #first(
    taskId: string | undefined,
    peer: Peer,
    visible: readonly Served[],
  ): Promise<{ readonly served: Served; readonly owner: TaskOwnerRecord } | undefined> {
    if (taskId === undefined) return undefined;
    const found = await Promise.all(
      visible.map(async (served) => ({ served, owner: await this.#records.get([served.name, taskId]) })),
    );
    const own = found.flatMap(({ served, owner }) => (owner?.session === peer.key ? [{ served, owner }] : []));
    return own.sort((one, other) => one.owner.since - other.owner.since)[0];
  }

  /** The session that a server's notifications about a task are for. */
  async sessionOf(taskId: string | undefined, server: string): Promise<string | undefined> {
    return taskId === undefined ? undefined : (await this.#records.get([server, taskId]))?.session;
  }
}
