import type { JSX } from 'preact';
import type { ConfigurationProblem } from '../../../src/console/api.ts';

/** What is wrong with a configuration, each with its place; where the text is at hand, the way to it. */
export function Problems({
  of,
  onGo,
}: {
  readonly of: readonly ConfigurationProblem[];
  readonly onGo?: (line: number, column: number) => void;
}): JSX.Element {
  return (
    <ul class="form">
      {of.map(({ place, message, line, column = 1, source }) => (
        <li key={`${place} ${line} ${column} ${message}`} class="problem bad">
          <strong>{place === '' ? 'The whole' : place}</strong>
          <p>{message}</p>
          <p class="small">
            {line === undefined ? source : `line ${line}, column ${column}`}
            {line !== undefined && onGo && (
              <button type="button" class="button quiet" onClick={() => onGo(line, column)}>
                Go there
              </button>
            )}
          </p>
        </li>
      ))}
    </ul>
  );
}
