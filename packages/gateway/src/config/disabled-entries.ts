import type { ConfigProblem } from './config-error.ts';

type Tree = Readonly<Record<string, unknown>>;

/** Whether a problem is one of an entry that is switched off: what it lacks may be missing until it is switched on. */
export function isOfDisabledEntry({ place: [section, name] }: ConfigProblem, tree: unknown): boolean {
  if (section === undefined || name === undefined) return false;
  const entries = (tree as Tree | null)?.[section] as Tree | null | undefined;
  return (entries?.[name] as Tree | null | undefined)?.disabled === true;
}
