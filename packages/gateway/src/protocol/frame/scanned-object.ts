/** Objects with more members than this are searched by a Set or Map. */
export const SEARCHED_MEMBERS = 12;

/** Stands for a value that has not been read yet. */
export const UNKNOWN: unique symbol = Symbol('unknown');

/** Where a value lies: from `start` to before `end`, in bytes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An object that an edit put in place of a value, or that was made of one. */
export interface ObjectValue {
  writeTo(parts: Buffer[]): void;
}

/** One member of an object; `from` is where its key begins. */
export interface Member extends Span {
  readonly key: string;
  readonly from: number;
  /** The value's own members, where its level has them looked at. */
  readonly inside: ScannedObject | undefined;
  /** Its place in the object that came; -1 where an edit added it. */
  readonly index: number;
  /** What an edit put in place of the value. */
  readonly put: Buffer | ObjectValue | undefined;
  /** What the value was found to be: remembered here, because a map for each object costs more than most are asked for. */
  value: unknown;
  object: ObjectValue | undefined;
}

/** An object whose members were found, in the order of the text; the last of equal keys counts. */
export interface ScannedObject extends Span {
  readonly members: readonly Member[];
}

/** The keys of one object so far, of which there may be many. */
export class SeenKeys {
  readonly #members: readonly Member[];
  #set: Set<string> | undefined;
  #counted = 0;

  constructor(members: readonly Member[]) {
    this.#members = members;
  }

  has(key: string): boolean {
    const members = this.#members;
    if (members.length > SEARCHED_MEMBERS) {
      this.#set ??= new Set();
      while (this.#counted < members.length) this.#set.add((members[this.#counted++] as Member).key);
      return this.#set.has(key);
    }
    for (let i = 0; i < members.length; i++) if ((members[i] as Member).key === key) return true;
    return false;
  }
}

/** The member that counts: the last one of that key. */
export function findLast(members: readonly Member[], key: string): Member | undefined {
  for (let i = members.length - 1; i >= 0; i--) {
    const member = members[i] as Member;
    if (member.key === key) return member;
  }
  return undefined;
}
