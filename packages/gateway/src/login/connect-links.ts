import type { Caller } from '../protocol/peer.ts';
import { type ConnectLinkRecord, connectLinkRecords } from '../state/connect-link-record.ts';
import { Records } from '../state/records.ts';
import type { StateStore } from '../state/state-store.ts';
import { LOGIN_MS, secret } from './login-flow.ts';

/** An address is given out again while it has at least this long to go, in milliseconds: many calls fail at once. */
const MARGIN_MS = 120_000;

/** Addresses that are remembered to be given out again. */
const MOST = 10_000;

interface Given {
  readonly id: string;
  readonly until: number;
}

/** Addresses at which callers log in to servers. An address is no secret and opens nothing: who opens it shows who they are. */
export class ConnectLinks {
  readonly #records: Records<ConnectLinkRecord>;
  readonly #now: () => number;
  readonly #given = new Map<string, Given>();

  /** @param now - Milliseconds that only go up. */
  constructor(store: StateStore, now: () => number) {
    this.#records = new Records(store, connectLinkRecords);
    this.#now = now;
  }

  /** The last part of an address for this caller. @throws GATEWAY_STATE */
  async make(server: string, holder: string, { name, how }: Caller): Promise<string> {
    const key = JSON.stringify([server, holder, name, how]);
    const known = this.#given.get(key);
    if (known && this.#now() < known.until - MARGIN_MS) return known.id;
    const id = secret().slice(0, 22);
    if (this.#given.size >= MOST) this.#given.clear();
    this.#given.set(key, { id, until: this.#now() + LOGIN_MS });
    await this.#records.create([id], { server, holder, caller: name, how }, LOGIN_MS);
    return id;
  }

  async find(id: string): Promise<ConnectLinkRecord | undefined> {
    return this.#records.get([id]);
  }
}
