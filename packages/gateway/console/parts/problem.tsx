import type { ComponentChildren, JSX } from 'preact';
import { Prose } from './prose.tsx';

export interface ProblemProps {
  readonly title: string;
  readonly remedy?: string | undefined;
  readonly tone?: 'bad' | 'warn' | 'note';
  readonly children?: ComponentChildren;
}

/** What went wrong, and what to do about it. */
export function Problem({ title, remedy, tone = 'bad', children }: ProblemProps): JSX.Element {
  return (
    <div class={`problem ${tone}`}>
      <strong>
        <Prose text={title} />
      </strong>
      {remedy !== undefined && (
        <p>
          <Prose text={remedy} />
        </p>
      )}
      {children}
    </div>
  );
}
