import { LockgateError } from '@lockgate/abi/without-guests';
import { formatPlace, type Place } from './place.ts';

/** One thing that is wrong with a configuration. The sentence never holds a secret's value. */
export interface ConfigProblem {
  readonly place: Place;
  /** What is wrong and what to do, without the place. */
  readonly message: string;
  /** The flag or variable that it is about, where it is not about the text. */
  readonly source?: string | undefined;
  /** Where in the text, counted from 1, if the source is a text. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** A configuration that cannot be used; it lists everything that is wrong with it at once. */
export class ConfigError extends LockgateError {
  override readonly name = 'ConfigError';
  readonly code = 'GATEWAY_CONFIG';
  readonly facts: { readonly source: string; readonly problems: readonly ConfigProblem[] };

  constructor(source: string, problems: readonly ConfigProblem[], options?: ErrorOptions) {
    const lines = problems.map(({ place, message, line, column, source: of = source }) => {
      const where = line === undefined ? of : [of, line, column].filter((part) => part !== undefined).join(':');
      return place.length === 0 ? `${where}: ${message}` : `${where}: ${formatPlace(place)}: ${message}`;
    });
    super(lines.join('\n'), options);
    this.facts = { source, problems };
  }
}
