/** Marks one writing of one record. Opaque, and never given twice for a key, not even after a delete. */
export type Revision = string;

/** A record as it was found. */
export interface Stored {
  /** A copy of its own: changing it changes nothing in the store. */
  readonly value: unknown;
  readonly revision: Revision;
}

/** What a write leaves behind. */
export interface Write {
  /** A JSON value. */
  readonly value: unknown;
  /** The record is gone after this many milliseconds, a whole number above 0. @default it stays until it is deleted */
  readonly ttlMs?: number | undefined;
}

/** How a compare-and-set ended. */
export interface Swap {
  readonly swapped: boolean;
  /** The record after it: what was written, or what stood in the way. Undefined where there is none. */
  readonly current: Stored | undefined;
}

/** Hears a channel. A listener that throws or rejects is reported by the store and hurts nobody else. */
export interface ChannelListener {
  /** One message, a copy of its own. */
  message(message: unknown): void;
  /**
   * Messages may have been lost, for example while the store could not be reached: read again what matters. Told before any message that came after, and from time to time
   * while none can come.
   */
  gap?(): void;
}

/** Ends a subscription. From the moment it is called the listener hears nothing more. It can be called again. */
export type Unsubscribe = () => Promise<void>;

/**
 * Where a gateway keeps what must outlive a socket and may be shared by several processes: records under keys, and channels.
 *
 * Keys are well-formed text, compared by code units, of any characters. Values are JSON. Operations on one key happen one after the
 * other, each whole or not at all. An expired record is absent to every operation.
 *
 * Every operation settles within a time that the kind of store sets, and rejects with GATEWAY_STATE where it could not do what it was asked;
 * a write that was rejected as unreachable may have been carried out. A value that is no JSON and a wrong `ttlMs` are programming mistakes: TypeError.
 */
export interface StateStore extends AsyncDisposable {
  /** Whether other processes may read and change its records. What no other one sees may be kept elsewhere in this process. */
  readonly isShared: boolean;

  /**
   * How many lives the records have had: 1, and one more each time the store was found to have lost them all. Whoever counts on what was written in an earlier
   * life learns nothing from an absent record. It is up to date when an operation has resolved.
   */
  readonly lives: number;

  /**
   * Since when messages are not heard here though records can be read, as `performance.now()` has it; undefined where both are so, or neither is. Absent where that
   * cannot be.
   */
  readonly deafSince?: number | undefined;

  get(key: string): Promise<Stored | undefined>;

  /** Writes, whatever is there. An earlier time to live is forgotten. */
  put(key: string, write: Write): Promise<void>;

  /**
   * Writes, or deletes where `write` is undefined, only if the record still is at this revision, or is absent where `expected` is undefined.
   */
  compareAndSet(key: string, expected: Revision | undefined, write: Write | undefined): Promise<Swap>;

  /** Gives a record a new time to live from now on, in milliseconds; its revision stays. False where there is no record. */
  expire(key: string, ttlMs: number): Promise<boolean>;

  /** False where there was no record. */
  delete(key: string): Promise<boolean>;

  /**
   * Sends a JSON value to everyone who listens to a channel, in this process and in others, the sender included. Messages of one sender to one channel
   * arrive in order, each at most once. Resolves when the store has taken the message over, not when it has been heard: false where nobody listened, so that
   * nobody ever hears it, and true where somebody may.
   */
  publish(channel: string, message: unknown): Promise<boolean>;

  /** Resolves when every message that is published from now on will be heard. */
  subscribe(channel: string, listener: ChannelListener): Promise<Unsubscribe>;

  /** Lets go of the store; shared records stay. What is asked afterwards is rejected, and nothing is heard any more. Idempotent. */
  close(): Promise<void>;
}
