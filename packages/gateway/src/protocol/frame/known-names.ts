/** Strings that are expected, found by their bytes: no string is made for a name that is known. */
export class KnownNames {
  readonly #bySize: string[][] = [];

  /** @param names - ASCII only, without characters that JSON escapes. */
  constructor(names: readonly string[]) {
    for (const name of names) {
      const size = name.length;
      while (this.#bySize.length <= size) this.#bySize.push([]);
      this.#bySize[size]?.push(name);
    }
  }

  /** The name that these bytes spell, without quotes; undefined where it is none of those known. */
  at(bytes: Buffer, from: number, to: number): string | undefined {
    const candidates = this.#bySize[to - from];
    if (candidates === undefined) return undefined;
    for (const name of candidates) {
      let i = 0;
      while (i < name.length && bytes[from + i] === name.charCodeAt(i)) i++;
      if (i === name.length) return name;
    }
    return undefined;
  }
}
