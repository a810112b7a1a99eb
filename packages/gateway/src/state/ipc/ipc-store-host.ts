import { parseJson } from '../../json.ts';
import type { LinkHandlers } from '../../process-link.ts';
import { StateError, type StateProblem } from '../state-error.ts';
import type { StateStore, Stored, Unsubscribe, Write } from '../state-store.ts';

/** Its value as JSON, its revision. */
export type IpcStored = readonly [json: string, revision: string];
/** Its value as JSON, how long it lives. */
export type IpcWrite = readonly [json: string, ttlMs: number | null];
export type IpcAnswer = { readonly value: unknown } | { readonly problem: StateProblem };

type Asked = readonly [operation: string, ...rest: never[]];
type Operation = (...rest: never[]) => Promise<unknown>;

/**
 * Gives one other process what a store has: what it may ask over its link. Its subscriptions end with it.
 *
 * @param tell - Sends a message of a channel there.
 */
export class IpcStoreHost {
  readonly #store: StateStore;
  readonly #tell: (channel: string, json: string) => void;
  readonly #listening = new Map<string, { isOpen: boolean; end?: Promise<Unsubscribe> }>();
  readonly #operations: Readonly<Record<string, Operation>>;

  constructor(store: StateStore, tell: (channel: string, json: string) => void) {
    this.#store = store;
    this.#tell = tell;
    this.#operations = {
      get: async (key: string) => toIpc(await store.get(key)),
      put: (key: string, write: IpcWrite) => store.put(key, toWrite(write)),
      compareAndSet: async (key: string, expected: string | null, write: IpcWrite | null) => {
        const done = await store.compareAndSet(key, expected ?? undefined, write ? toWrite(write) : undefined);
        return [done.swapped, toIpc(done.current)];
      },
      expire: (key: string, ttlMs: number) => store.expire(key, ttlMs),
      delete: (key: string) => store.delete(key),
      publish: (channel: string, json: string) => store.publish(channel, parseJson(json)),
      subscribe: (channel: string) => this.#subscribe(channel),
      unsubscribe: async (channel: string) => this.#unsubscribe(channel),
    };
  }

  get handlers(): LinkHandlers {
    return { state: (asked: Asked) => this.#carryOut(asked), 'state.leave': () => this.close() };
  }

  /** Ends its subscriptions; records stay. */
  close(): void {
    for (const channel of [...this.#listening.keys()]) this.#unsubscribe(channel);
  }

  async #carryOut([operation, ...rest]: Asked): Promise<IpcAnswer> {
    try {
      const run = this.#operations[operation];
      if (!run) throw new StateError({ kind: 'unreachable', reason: `no operation "${operation}"` });
      return { value: (await run(...rest)) ?? null };
    } catch (error) {
      if (error instanceof StateError) return { problem: error.problem };
      throw error;
    }
  }

  /** Asked once for each channel, and again only after the end of that. */
  async #subscribe(channel: string): Promise<void> {
    const listening: { isOpen: boolean; end?: Promise<Unsubscribe> } = { isOpen: true };
    this.#listening.set(channel, listening);
    listening.end = this.#store.subscribe(channel, {
      message: (message) => {
        if (listening.isOpen) this.#tell(channel, JSON.stringify(message));
      },
    });
    await listening.end;
  }

  #unsubscribe(channel: string): void {
    const listening = this.#listening.get(channel);
    this.#listening.delete(channel);
    if (!listening) return;
    listening.isOpen = false;
    void listening.end?.then((end) => end()).catch(() => undefined);
  }
}

function toIpc(found: Stored | undefined): IpcStored | null {
  return found ? [JSON.stringify(found.value), found.revision] : null;
}

function toWrite([json, ttlMs]: IpcWrite): Write {
  return { value: parseJson(json), ...(ttlMs !== null && { ttlMs }) };
}
