import { randomUUID } from 'node:crypto';
import type { PinsSection } from '../config/pins-section.ts';
import type { Logger } from '../logger.ts';
import { type PinRecord, pinRecords } from '../state/pin-record.ts';
import { Records } from '../state/records.ts';
import type { StateStore } from '../state/state-store.ts';
import { PinError } from './pin-error.ts';
import { readPinFile, writePinFile } from './pin-file.ts';
import { type AllPins, areSamePins, keptServerPins, NO_PINS, readServerPins, type ServerPins } from './server-pins.ts';

/** Where gateways tell each other of which server other things are approved now. */
const CHANNEL = 'pins';

/** Counts as approved of a server whose record cannot be believed: nothing, and no first sight either. */
const NOTHING: ServerPins = { known: new Set(['tool', 'prompt', 'instructions']), items: new Map() };

export interface PinBookOptions {
  readonly store: StateStore;
  readonly logger: Logger;
  /** Another gateway has changed what is approved of a server. */
  readonly onChange: (server: string) => void;
}

/**
 * What is approved of each server: a record of the state store for all gateways that share it, a copy in this process, and a file that outlives both. The
 * record counts; where there is none, what the file or this process knows is carried over, so that a store that has lost it approves nothing anew.
 * A lock file stands alone.
 */
export class PinBook {
  readonly #options: PinBookOptions;
  readonly #records: Records<PinRecord>;
  /** Tells what this gateway has changed from what others have. */
  readonly #self = randomUUID();
  #mode: PinsSection['mode'] = 'off';
  #file: string | undefined;
  #pins = new Map<string, ServerPins>();
  #failure: string | undefined;
  readonly #doubts = new Map<string, string>();
  readonly #loaded = new Set<string>();
  /** One change after another: the copy and the file are of all servers. */
  #turn: Promise<unknown> = Promise.resolve();
  #listening: Promise<unknown> | undefined;
  /** Between `clear` and `replace`. */
  #isCleared = false;

  constructor(options: PinBookOptions) {
    this.#options = options;
    this.#records = new Records(options.store, pinRecords);
  }

  get mode(): PinsSection['mode'] {
    return this.#mode;
  }

  /** Whether what is new of a server may be taken for approved at first sight. */
  get takesFirst(): boolean {
    return this.#mode === 'first-use' && this.#failure === undefined && !this.#isCleared;
  }

  get file(): string | undefined {
    return this.#file;
  }

  /** Why nothing of any server counts as approved, or nothing of some. */
  get failure(): string | undefined {
    return this.#failure ?? this.#doubts.values().next().value;
  }

  get all(): AllPins {
    return this.#pins;
  }

  of(server: string): ServerPins | undefined {
    return this.#doubts.has(server) ? NOTHING : this.#pins.get(server);
  }

  /**
   * Holds to another configuration; a lock file is read again each time.
   *
   * @returns whether something else may count from now on.
   */
  apply({ mode, file }: PinsSection): boolean {
    const isSame = mode === this.#mode && file === this.#file;
    if (isSame && mode !== 'lockfile') return false;
    const [before, failure] = [this.#pins, this.#failure];
    this.#mode = mode;
    this.#file = file;
    this.#failure = undefined;
    this.#isCleared = false;
    this.#pins = new Map();
    this.#doubts.clear();
    this.#loaded.clear();
    if (mode !== 'off' && file !== undefined) this.#read(file);
    return !isSame || failure !== this.#failure || !areAllSame(before, this.#pins);
  }

  /** Whether what is known here of a server is what counts. */
  isLoaded(server: string): boolean {
    return this.#loaded.has(server) || this.#isCleared || !this.#isShared;
  }

  /** Looks a server up in the store. @throws GATEWAY_STATE */
  load(server: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.isLoaded(server)) return;
      await this.#listen();
      await this.#look(server);
    });
  }

  /**
   * Changes what is approved of a server, for all gateways that share the store.
   *
   * @param change - Called once for each try. It gives back the same pins to leave them alone.
   * @throws GATEWAY_PINS, and nothing has changed, where the file cannot be written; GATEWAY_STATE.
   */
  change(server: string, change: (now: ServerPins) => ServerPins): Promise<void> {
    return this.#inTurn(async () => {
      const doubt = this.#doubts.get(server);
      if (doubt !== undefined) throw new PinError(doubt);
      const before = this.#pins.get(server) ?? NO_PINS;
      const expected = change(before);
      if (expected === before) return;
      this.#write(new Map(this.#pins).set(server, expected));
      try {
        await this.#update(server, change);
      } catch (error) {
        this.#write(this.#pins);
        throw error;
      }
      if (!areSamePins(this.#pins.get(server) ?? NO_PINS, expected)) this.#write(this.#pins);
    });
  }

  /** As {@link change}, which also holds until the gateway ends where the file cannot be written. */
  async changeAnyway(server: string, change: (now: ServerPins) => ServerPins): Promise<void> {
    try {
      await this.change(server, change);
    } catch (error) {
      if (!(error instanceof PinError)) throw error;
      this.#options.logger.error({ server, reason: error.message }, 'pins cannot be written');
      await this.#inTurn(() => this.#update(server, change));
    }
  }

  /** Forgets everything, also what cannot be read: until `replace`, nothing is approved. */
  clear(): void {
    this.#isCleared = true;
    this.#pins = new Map();
    this.#failure = undefined;
    this.#doubts.clear();
  }

  /** @throws GATEWAY_PINS, GATEWAY_STATE */
  replace(pins: AllPins): Promise<void> {
    return this.#inTurn(async () => {
      this.#write(pins);
      if (this.#isShared) {
        for (const [server, approved] of pins) {
          await this.#records.put([server], keptServerPins(approved));
          await this.#tell(server);
          this.#loaded.add(server);
        }
      }
      this.#pins = new Map(pins);
      this.#isCleared = false;
    });
  }

  get #isShared(): boolean {
    return (this.#mode === 'first-use' || this.#mode === 'manual') && this.#failure === undefined;
  }

  #read(file: string): void {
    try {
      this.#pins = new Map(readPinFile(file));
    } catch (error) {
      this.#failure = (error as Error).message;
      this.#options.logger.error({ file, reason: this.#failure }, 'pins cannot be read: no tool is served');
    }
  }

  #write(pins: AllPins): void {
    if (this.#file !== undefined) writePinFile(this.#file, pins);
  }

  async #look(server: string): Promise<void> {
    const here = this.#pins.get(server);
    const record = await this.#records.update([server], (now) => now ?? (here && keptServerPins(here)));
    this.#keep(server, record);
    if (areSamePins(this.#pins.get(server) ?? NO_PINS, here ?? NO_PINS)) return;
    try {
      this.#write(this.#pins);
    } catch (error) {
      this.#options.logger.error({ server, reason: (error as Error).message }, 'pins cannot be written');
    }
  }

  async #update(server: string, change: (now: ServerPins) => ServerPins): Promise<void> {
    const here = this.#pins.get(server);
    const record = await this.#records.update([server], (now) => {
      const known = now ? readServerPins(server, now) : (here ?? NO_PINS);
      if ('doubt' in known) throw new PinError(sentence(known.what));
      const next = change(known);
      return next === known ? now : keptServerPins(next);
    });
    this.#keep(server, record);
    await this.#tell(server);
  }

  #keep(server: string, record: PinRecord | undefined): void {
    this.#loaded.add(server);
    this.#doubts.delete(server);
    if (!record) return;
    const read = readServerPins(server, record);
    if ('doubt' in read) {
      const reason = sentence(read.what);
      this.#doubts.set(server, reason);
      this.#options.logger.error({ server, reason }, 'pins cannot be read: the server serves no tool');
    } else this.#pins.set(server, read);
  }

  #listen(): Promise<unknown> {
    this.#listening ??= this.#options.store
      .subscribe(CHANNEL, {
        message: (told) => {
          const { server, by } = told as { readonly server?: unknown; readonly by?: unknown };
          if (typeof server === 'string' && by !== this.#self) this.#changedElsewhere(server);
        },
        gap: () => {
          for (const server of this.#loaded) this.#changedElsewhere(server);
        },
      })
      .catch((error: unknown) => {
        this.#listening = undefined;
        throw error;
      });
    return this.#listening;
  }

  /** Others read it again. That they are told is not what makes it true. */
  async #tell(server: string): Promise<void> {
    const told = this.#options.store.publish(CHANNEL, { server, by: this.#self });
    await told.catch((error: unknown) =>
      this.#options.logger.warn({ server, err: error }, 'other gateways were not told of what is approved'),
    );
  }

  #changedElsewhere(server: string): void {
    if (!this.#isShared || !this.#loaded.has(server)) return;
    const before = this.of(server) ?? NO_PINS;
    const looked = this.#inTurn(() => this.#look(server));
    looked.then(
      () => {
        if (!areSamePins(before, this.of(server) ?? NO_PINS)) this.#options.onChange(server);
      },
      (error: unknown) => this.#options.logger.warn({ server, err: error }, 'pins cannot be read again'),
    );
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

function areAllSame(one: AllPins, other: AllPins): boolean {
  if (one.size !== other.size) return false;
  for (const [server, pins] of one) if (!areSamePins(pins, other.get(server) ?? NO_PINS)) return false;
  return true;
}

function sentence(what: string): string {
  return `The record of pins in the state store has a digest that does not fit what stands beside it, or is of a newer Lockgate (${what}), so that nothing of its server counts as approved. Run that version, or look at all tools and write it anew: lockgate pins write.`;
}
