import type { Difference } from './differences.ts';

const MOST_SHOWN = 400;

/** A difference as two lines under a heading. */
export function showDifference({ label, path, direct, through }: Difference): string {
  return [`  ${label}  at ${path}`, `    - direct:  ${cut(direct)}`, `    + through: ${cut(through)}`].join('\n');
}

function cut(text: string | undefined): string {
  if (text === undefined) return '(nothing)';
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}… (${text.length} characters)` : text;
}
