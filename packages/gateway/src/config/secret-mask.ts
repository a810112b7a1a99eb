import { createRedactor, type Redact } from './secrets.ts';

/** Masks secrets of which more become known while it is used: what was secret once stays so. */
export class SecretMask {
  readonly #known = new Set<string>();
  #redact: Redact = (text) => text;

  constructor(secrets: readonly string[]) {
    this.add(secrets);
  }

  add(secrets: readonly string[]): void {
    for (const secret of secrets) this.#known.add(secret);
    this.#redact = createRedactor([...this.#known]);
  }

  readonly redact: Redact = (text, isCut) => this.#redact(text, isCut);
}
