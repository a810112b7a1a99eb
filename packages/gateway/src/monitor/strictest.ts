import type { Mode } from './rule.ts';

/** From the one that lets most happen to the one that lets least. */
const ORDER: readonly Mode[] = ['propagate', 'filter', 'strict'];

/** The strictest of several modes; undefined where there is none. */
export function strictest(modes: readonly (Mode | undefined)[]): Mode | undefined {
  const ranks = modes.map((mode) => (mode === undefined ? -1 : ORDER.indexOf(mode)));
  return ORDER[Math.max(-1, ...ranks)];
}
