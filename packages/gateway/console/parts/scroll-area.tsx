import type { ComponentChildren, JSX } from 'preact';

/** What may be wider or longer than its place: the keyboard reaches and scrolls it. */
export function ScrollArea({
  label,
  class: name = 'scroll',
  children,
}: {
  readonly label: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls, and a section would be one landmark more
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <div role="group" class={name} aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
