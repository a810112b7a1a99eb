import { referencedVariables } from './variable-syntax.ts';

/** A variable of the configuration that has to be set before it can be served, unless it has a value for when it is not. */
export interface WantedVariable {
  readonly name: string;
  /** Where its value is now, as parts of a sentence. */
  readonly sources: readonly string[];
  /** Whether it is set in this environment. */
  readonly isSet: boolean;
  /** What holds where it is not set, in every place that it stands in; undefined where it has to be set. */
  readonly otherwise?: string | undefined;
}

/** Which variables stand for what. A variable means one value: two secrets never share one. */
export class VariableBook {
  readonly #environment: Readonly<Record<string, string | undefined>>;
  /** Values where they are known; undefined for those that are asked for, or stand in an environment elsewhere. */
  readonly #values = new Map<string, string | undefined>();
  readonly #sources = new Map<string, Set<string>>();
  readonly #otherwise = new Map<string, string | undefined>();

  constructor(existing: string, environment: Readonly<Record<string, string | undefined>>) {
    this.#environment = environment;
    for (const { name } of referencedVariables(existing)) this.reserve(name);
  }

  /** Keeps a variable for what the environment has under its name. */
  reserve(name: string): void {
    if (!this.#values.has(name)) this.#values.set(name, this.#environment[name]);
  }

  /** The variable of a secret: the first of these names that is free or has this very value. */
  nameSecret(value: string, wanted: readonly string[], source: string): string {
    const [first = 'SECRET'] = wanted;
    const last = wanted.at(-1) ?? first;
    const candidates = function* (): Generator<string> {
      yield* wanted;
      for (let number = 2; ; number++) yield `${last}_${number}`;
    };
    for (const name of candidates()) {
      if (!this.#isFree(name, value)) continue;
      this.#values.set(name, value);
      this.need(name, source);
      return name;
    }
    return first;
  }

  /** @param otherwise - What stands in its place here where it is not set. */
  need(name: string, source: string, otherwise?: string): void {
    this.reserve(name);
    const isRequired = this.#otherwise.has(name) && this.#otherwise.get(name) === undefined;
    this.#otherwise.set(name, isRequired ? undefined : otherwise);
    const sources = this.#sources.get(name) ?? new Set();
    // What is written out somewhere is read from no environment.
    if (sources.size === 0 || !source.startsWith('the environment of ')) sources.add(source);
    this.#sources.set(name, sources);
  }

  wanted(): readonly WantedVariable[] {
    return [...this.#sources]
      .filter(([name]) => !ALWAYS_SET.has(name))
      .map(([name, sources]) => {
        const otherwise = this.#otherwise.get(name);
        const isSet = this.#environment[name] !== undefined;
        return { name, sources: [...sources], isSet, ...(otherwise !== undefined && { otherwise }) };
      });
  }

  /** Of the secrets that stood in the files. */
  values(): ReadonlyMap<string, string> {
    return new Map(
      [...this.#values].flatMap(([name, value]) =>
        value === undefined || !this.#sources.has(name) || value === this.#environment[name] ? [] : [[name, value]],
      ),
    );
  }

  #isFree(name: string, value: string): boolean {
    if (this.#values.has(name)) return this.#values.get(name) === value;
    const set = this.#environment[name];
    return set === undefined || set === '' || set === value;
  }
}

/** Variables that every process has. */
const ALWAYS_SET: ReadonlySet<string> = new Set(['HOME', 'PATH', 'USER', 'PWD']);
