import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { arriveAt } from './arrive-at.ts';

export interface PageProps {
  readonly title: string;
  readonly lead?: ComponentChildren;
  /** Beside the title: buttons, a state. */
  readonly beside?: ComponentChildren;
  /** Above the title: the way back. */
  readonly above?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** One page: its title names the document, and takes the focus where the reader has just come here. */
export function Page({ title, lead, beside, above, children }: PageProps): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Lockgate`;
  }, [title]);
  useEffect(() => {
    if (heading.current) arriveAt(heading.current);
  }, []);
  return (
    <div class="page">
      <div class="page-head">
        <div>
          {above}
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead !== undefined && <p>{lead}</p>}
        </div>
        {beside !== undefined && <div class="actions">{beside}</div>}
      </div>
      {children}
    </div>
  );
}
