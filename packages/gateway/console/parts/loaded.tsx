import type { ReadonlySignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import type { ApiFailure } from '../api/request.ts';
import { Problem } from './problem.tsx';

export interface LoadedProps<T> {
  readonly of: {
    readonly value: ReadonlySignal<T | undefined>;
    readonly failure: ReadonlySignal<ApiFailure | undefined>;
    readonly process?: ReadonlySignal<string | undefined>;
    readonly reload?: () => void;
  };
  readonly children: (value: T) => ComponentChildren;
}

/** What was asked for: its place while it is on the way, the reason where it did not come. Old data stays beside a new failure. */
export function Loaded<T>({ of: { value, failure, process, reload }, children }: LoadedProps<T>): JSX.Element {
  const known = value.value;
  const failed = failure.value;
  return (
    <>
      {failed && (
        <Problem title={failed.message} remedy={failed.remedy}>
          {reload && (
            <div>
              <button type="button" class="button" onClick={reload}>
                Try again
              </button>
            </div>
          )}
        </Problem>
      )}
      {process?.value !== undefined && (
        <p class="muted">
          Of the processes of this gateway, this is what process {process.value} has. They are of one configuration.
        </p>
      )}
      {known === undefined ? !failed && <div class="skeleton" role="status" aria-label="Loading" /> : children(known)}
    </>
  );
}
