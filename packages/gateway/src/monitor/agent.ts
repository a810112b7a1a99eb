import { EMPTY_LABEL, join, type Label } from './label.ts';

/**
 * The labels of one agent: what guards granted it, and what it has read since. Every method is synchronous and therefore
 * atomic: two calls of one agent cannot lose each other's update. Keep it so. Source: DIFC.md, "Concurrent calls".
 */
export class Agent {
  readonly #grants = new Map<string, Label>();
  readonly #readSecrecy = new Set<string>();
  /** What vouched for everything read so far; undefined until the first read, when everything still does. */
  #readIntegrity: ReadonlySet<string> | undefined;
  #label: Label = EMPTY_LABEL;

  get label(): Label {
    return this.#label;
  }

  /** What the guard of one server grants this agent; replaces what it granted before, and undoes no reading. */
  grant(server: string, label: Label): void {
    this.#grants.set(server, label);
    this.#label = this.#effective();
  }

  /** Folds in what the agent has been given to read. Labels only become more restrictive. */
  fold(read: Label): void {
    for (const tag of read.secrecy) this.#readSecrecy.add(tag);
    this.#readIntegrity = new Set(
      this.#readIntegrity ? [...read.integrity].filter((tag) => this.#readIntegrity?.has(tag)) : read.integrity,
    );
    this.#label = this.#effective();
  }

  #effective(): Label {
    const grants = [...this.#grants.values()];
    const granted: Label = {
      secrecy: new Set(grants.flatMap(({ secrecy }) => [...secrecy])),
      integrity: new Set(grants.flatMap(({ integrity }) => [...integrity])),
    };
    return join(granted, { secrecy: this.#readSecrecy, integrity: this.#readIntegrity ?? granted.integrity });
  }
}
