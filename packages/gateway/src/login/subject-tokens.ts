interface Known {
  readonly token: string;
  readonly until: number;
}

/** Tokens that are remembered; the one that came first goes where there is no room. */
const MOST = 10_000;

/** The tokens that callers came in with last, in memory and for as long as they are good: where a server's credential is made of them. */
export class SubjectTokens {
  readonly #tokens = new Map<string, Known>();
  readonly #now: () => number;

  /** @param now - Milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  note(holder: string, token: string, until: number): void {
    this.#tokens.delete(holder);
    if (this.#tokens.size >= MOST) this.#tokens.delete(this.#tokens.keys().next().value ?? '');
    this.#tokens.set(holder, { token, until });
  }

  of(holder: string): string | undefined {
    const known = this.#tokens.get(holder);
    if (!known || this.#now() < known.until) return known?.token;
    this.#tokens.delete(holder);
    return undefined;
  }
}
