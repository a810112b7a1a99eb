/** A type of handles at run time: of the host, or of one instance of a component. */
export interface Resource {
  readonly name: string;
  /** Whose functions see what handles stand for; undefined for the host's. */
  readonly owner: object | undefined;
  /** Told when the last handle of something is dropped. */
  readonly destroy?: ((represented: unknown) => void) | undefined;
}

/** The handles that are given away for the length of one call, in either direction. */
export interface Loans {
  /** Own handles whose borrows the callee has. */
  readonly lent: Handle[];
  /** Borrows that the callee has to drop before it returns. */
  open: number;
}

/** Who uses handles: the call under way has the loans, and what is wrong traps. */
interface HandleUser {
  readonly loans: Loans;
  trap(reason: string): never;
}

/** What one handle of one instance stands for. */
interface Handle {
  readonly resource: Resource;
  readonly represented: unknown;
  /** Undefined for own handles; of borrows the call that they were made for. */
  readonly loans: Loans | undefined;
  /** Borrows of it that are out. */
  lent: number;
}

/** Handles of one component at once, of all instances inside it; each takes memory of the host's. */
const MOST_HANDLES = 100_000;

/** The handles of all instances of one linked component. */
export class OpenHandles {
  readonly #tables: Handles[] = [];
  #count = 0;

  /** A table for another instance. */
  table(): Handles {
    const table = new Handles(this);
    this.#tables.push(table);
    return table;
  }

  opened(user: HandleUser): void {
    if (this.#count >= MOST_HANDLES) user.trap(`more than ${MOST_HANDLES} handles are open; drop what is used no more`);
    this.#count += 1;
  }

  closed(): void {
    this.#count -= 1;
  }

  /** What of the host's there is a handle of; several may be of one thing. */
  *ofHost(): Generator<unknown> {
    for (const table of this.#tables) yield* table.ofHost();
  }
}

/** The handles of one component instance, by their numbers. What is not one of them traps. Source: CanonicalABI.md. */
export class Handles {
  readonly #entries: (Handle | undefined)[] = [undefined]; // 0 is no handle
  readonly #free: number[] = [];
  readonly #open: OpenHandles;

  constructor(open: OpenHandles) {
    this.#open = open;
  }

  add(user: HandleUser, resource: Resource, represented: unknown, loans?: Loans): number {
    this.#open.opened(user);
    const index = this.#free.pop() ?? this.#entries.length;
    this.#entries[index] = { resource, represented, loans, lent: 0 };
    if (loans) loans.open += 1;
    return index;
  }

  /** What an own handle stands for; the handle is gone. */
  take(user: HandleUser, index: number, resource: Resource): unknown {
    const handle = this.#at(user, index, resource);
    if (handle.loans) user.trap(`handle ${index} is borrowed, and cannot be given away`);
    if (handle.lent > 0) user.trap(`handle ${index} is lent, and cannot be given away`);
    this.#remove(index);
    return handle.represented;
  }

  /** What a handle stands for, for one call. */
  lend(user: HandleUser, index: number, resource: Resource): unknown {
    const handle = this.#at(user, index, resource);
    if (handle.loans === undefined) {
      handle.lent += 1;
      user.loans.lent.push(handle);
    }
    return handle.represented;
  }

  drop(user: HandleUser, index: number, resource: Resource): void {
    const handle = this.#at(user, index, resource);
    if (handle.lent > 0) user.trap(`handle ${index} is lent, and cannot be dropped`);
    this.#remove(index);
    if (handle.loans) handle.loans.open -= 1;
    else resource.destroy?.(handle.represented);
  }

  /** What a handle of this instance's own resources stands for. */
  represented(user: HandleUser, index: number, resource: Resource): unknown {
    return this.#at(user, index, resource).represented;
  }

  #at(user: HandleUser, index: number, resource: Resource): Handle {
    const handle = this.#entries[index];
    if (handle === undefined) return user.trap(`there is no handle ${index}`);
    if (handle.resource !== resource) user.trap(`handle ${index} is no ${resource.name}`);
    return handle;
  }

  *ofHost(): Generator<unknown> {
    for (const handle of this.#entries) if (handle && handle.resource.owner === undefined) yield handle.represented;
  }

  #remove(index: number): void {
    this.#open.closed();
    this.#entries[index] = undefined;
    this.#free.push(index);
  }
}
