import type { Dialect, ModuleOutline } from './dialect.ts';

/** The dialect of a table that a module looks like most; `undefined` when it looks like none of them. */
export function recogniseDialect<D extends Dialect>(outline: ModuleOutline, dialects: readonly D[]): D | undefined {
  let best: D | undefined;
  let most = 0;
  for (const dialect of dialects) {
    const likeness = dialect.recognise?.(outline) ?? shareOfExports(dialect, outline);
    if (likeness > most) {
      best = dialect;
      most = likeness;
    }
  }
  return best;
}

function shareOfExports({ exports }: Dialect, outline: ModuleOutline): number {
  if (exports.length === 0) return 0;
  const given = new Set(outline.exports.map(({ name }) => name));
  return exports.filter(({ names }) => names.some((name) => given.has(name))).length / exports.length;
}
