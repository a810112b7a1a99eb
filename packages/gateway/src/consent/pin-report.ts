/** What is pinned one by one. Instructions are those of the whole server; their name is empty. */
export type PinKind = 'tool' | 'prompt' | 'instructions';

/** Something about a definition that somebody should know before they approve it. */
export interface Finding {
  readonly kind: 'hidden characters' | 'look-alike' | 'instructions';
  /** One clause, such as `has U+200B, which nobody sees`. */
  readonly text: string;
}

/** Why an item is kept from clients: nobody has approved it, it is another than was approved, or two readers may read two things in it. */
export type WithheldBecause = 'new' | 'changed' | 'ambiguous';

/** One item that is kept from clients. */
export interface WithheldItem {
  readonly server: string;
  readonly kind: PinKind;
  /** As its server calls it; empty for instructions. */
  readonly name: string;
  readonly because: WithheldBecause;
  /** Whether its server still offers it to everybody. What it offers to some users alone is taken for no longer offered. */
  readonly isOffered: boolean;
  readonly findings: readonly Finding[];
  /** Names what would be approved; absent where it cannot be. */
  readonly digest?: string;
  /** What was approved, as text; absent where nothing was. */
  readonly before?: string;
  /** What the server says now. Hidden characters are written out. */
  readonly after: string;
}

/** What is approved and what is not. */
export interface PinReport {
  readonly mode: 'off' | 'first-use' | 'manual' | 'lockfile';
  readonly file?: string;
  /** Why nothing counts as approved. */
  readonly failure?: string;
  /** How many items are approved. */
  readonly pinned: number;
  readonly withheld: readonly WithheldItem[];
}

/** An item by its name. */
export type PinnedItem = Pick<ApprovedItem, 'server' | 'kind' | 'name'>;

/** What is to be approved, with the digest that somebody has looked at. */
export interface ApprovedItem {
  readonly server: string;
  readonly kind: PinKind;
  readonly name: string;
  readonly digest: string;
}

/** What whoever runs a gateway does with pins. Nothing here is reached by a client. */
export interface PinDesk {
  /** Looks at every server first. */
  report(): Promise<PinReport>;
  /**
   * Approves what somebody has looked at; of each server all of it or nothing.
   *
   * @throws GATEWAY_PINS where it is not withheld, or is another by now, or pins are read from a lock file or cannot be written; GATEWAY_STATE.
   */
  approve(items: readonly ApprovedItem[]): Promise<void>;
  /**
   * Forgets items: those that are withheld and no longer offered, and approvals, so that what is still offered of them is withheld as new.
   *
   * @throws GATEWAY_PINS where nothing is remembered of one, or pins are read from a lock file or cannot be written; GATEWAY_STATE.
   */
  forget(items: readonly PinnedItem[]): Promise<void>;
  /**
   * Pins everything that is offered now and forgets all pins of before, also those that cannot be read.
   *
   * @param unseen - Servers of which nobody can see here what they offer: their pins stay. @default none
   * @throws GATEWAY_PINS, GATEWAY_STATE
   */
  rewrite(unseen?: readonly string[]): Promise<PinReport>;
}
