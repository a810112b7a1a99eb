import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { arriveAt } from './arrive-at.ts';

export interface CardProps {
  readonly title: string;
  readonly beside?: ComponentChildren;
  /** Whether the content reaches the edges, as tables do. */
  readonly isFlush?: boolean;
  /** Whether the reader has come here for it, from a list beside it. */
  readonly isArrival?: boolean;
  readonly children: ComponentChildren;
}

/** A titled part of a page, and a landmark by that title. */
export function Card({ title, beside, isFlush = false, isArrival = false, children }: CardProps): JSX.Element {
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (isArrival && heading.current) arriveAt(heading.current);
  }, []);
  return (
    <section class={isFlush ? 'card flush' : 'card'} aria-labelledby={id}>
      <div class="card-head">
        <h2 id={id} ref={heading} tabIndex={isArrival ? -1 : undefined}>
          {title}
        </h2>
        {beside}
      </div>
      {children}
    </section>
  );
}
