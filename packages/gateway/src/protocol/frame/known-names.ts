interface KnownName {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Strings that are expected, found by their bytes: no string is made for a name that is known. */
export class KnownNames {
  readonly #bySize: KnownName[][] = [];

  /** @param names - ASCII only, without characters that JSON escapes. */
  constructor(names: readonly string[]) {
    for (const name of names) {
      const size = name.length;
      while (this.#bySize.length <= size) this.#bySize.push([]);
      this.#bySize[size]?.push({ name, bytes: Uint8Array.from(Buffer.from(name)) });
    }
  }

  /** The name that these bytes spell, without quotes; undefined where it is none of those known. */
  at(bytes: Buffer, from: number, to: number): string | undefined {
    const candidates = this.#bySize[to - from];
    if (candidates === undefined) return undefined;
    const size = to - from;
    for (let c = 0; c < candidates.length; c++) {
      const known = candidates[c] as KnownName;
      const spelt = known.bytes;
      let i = 0;
      while (i < size && bytes[from + i] === spelt[i]) i++;
      if (i === size) return known.name;
    }
    return undefined;
  }
}
