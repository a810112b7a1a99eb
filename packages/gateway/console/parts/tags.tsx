import type { JSX } from 'preact';

/** A set of words; an empty one says so. */
export function Tags({ of, none = 'none' }: { readonly of: readonly string[]; readonly none?: string }): JSX.Element {
  if (of.length === 0) return <span class="muted">{none}</span>;
  return (
    <ul class="tags">
      {of.map((tag) => (
        <li key={tag} class="tag">
          {tag}
        </li>
      ))}
    </ul>
  );
}
