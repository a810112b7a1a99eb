import type { JSX } from 'preact';

/** The sign of Lockgate: a gate in its frame. */
export function Brand(): JSX.Element {
  return (
    <div class="brand">
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path
          d="M5 3v18M19 3v18M5 8h14M5 16h14M12 8v8"
          fill="none"
          stroke="currentColor"
          stroke-width="2.5"
          stroke-linecap="round"
        />
      </svg>
      Lockgate
    </div>
  );
}
