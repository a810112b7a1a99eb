import type { JSX } from 'preact';

/** A sentence of the gateway; what stands between backticks in it is a command, a key or a name. */
export function Prose({ text }: { readonly text: string }): JSX.Element {
  const parts = text.split('`');
  // Without its partner a backtick is one.
  if (parts.length % 2 === 0) return <>{text}</>;
  return <>{parts.map((part, index) => (index % 2 === 0 ? part : <code key={part}>{part}</code>))}</>;
}
