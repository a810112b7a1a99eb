import type { JSX } from 'preact';

/** One stroke path each, in a box of 16. */
const PATHS = {
  ok: 'M3 8.5l3.2 3.2L13 5',
  warn: 'M8 2.5L14.5 13.5h-13zM8 6.5v3.2M8 11.6v.1',
  bad: 'M4 4l8 8M12 4l-8 8',
  wait: 'M8 4v4l2.5 2M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z',
  idle: 'M3.5 8h9',
  menu: 'M2 4h12M2 8h12M2 12h12',
} as const;

export type IconName = keyof typeof PATHS;

/** A small picture beside words that say the same; nothing is told by it alone. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        stroke-width="2"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
