export type DiffLine =
  | { readonly kind: 'same'; readonly before: number; readonly after: number; readonly text: string }
  | { readonly kind: 'removed'; readonly before: number; readonly text: string }
  | { readonly kind: 'added'; readonly after: number; readonly text: string }
  /** Lines that are the same and far from every change. */
  | { readonly kind: 'skipped'; readonly count: number };

/** Lines shown around each change. */
const CONTEXT = 3;
/** Above this product of changed lines the middle is shown as replaced: finding the shortest way would take a second. */
const LARGEST = 4_000_000;

/** What differs between two texts, line by line, with a few lines around. Line numbers begin with 1. Empty where nothing differs. */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  if (before === after) return [];
  return withContext(allLines(before.split('\n'), after.split('\n')));
}

function allLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail++;
  }
  const lines: DiffLine[] = [];
  const same = (from: number, to: number, shift: number): void => {
    for (let at = from; at < to; at++) {
      lines.push({ kind: 'same', before: at + 1, after: at + 1 + shift, text: before[at] ?? '' });
    }
  };
  same(0, head, 0);
  const oldMiddle = before.slice(head, before.length - tail);
  const newMiddle = after.slice(head, after.length - tail);
  for (const line of middle(oldMiddle, newMiddle)) lines.push(moved(line, head));
  same(before.length - tail, before.length, after.length - before.length);
  return lines;
}

function moved(line: DiffLine, by: number): DiffLine {
  switch (line.kind) {
    case 'same':
      return { ...line, before: line.before + by, after: line.after + by };
    case 'removed':
      return { ...line, before: line.before + by };
    case 'added':
      return { ...line, after: line.after + by };
    case 'skipped':
      return line;
    default:
      return line satisfies never;
  }
}

/** The longest common subsequence, by the table of its lengths from each place on. */
function middle(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const removed = (at: number): DiffLine => ({ kind: 'removed', before: at + 1, text: before[at] ?? '' });
  const added = (at: number): DiffLine => ({ kind: 'added', after: at + 1, text: after[at] ?? '' });
  if (before.length * after.length > LARGEST) {
    return [...before.map((_text, at) => removed(at)), ...after.map((_text, at) => added(at))];
  }
  const wide = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * wide);
  for (let old = before.length - 1; old >= 0; old--) {
    for (let now = after.length - 1; now >= 0; now--) {
      const here = old * wide + now;
      lengths[here] =
        before[old] === after[now]
          ? (lengths[here + wide + 1] ?? 0) + 1
          : Math.max(lengths[here + wide] ?? 0, lengths[here + 1] ?? 0);
    }
  }
  const lines: DiffLine[] = [];
  let old = 0;
  let now = 0;
  while (old < before.length || now < after.length) {
    if (old < before.length && now < after.length && before[old] === after[now]) {
      lines.push({ kind: 'same', before: old + 1, after: now + 1, text: before[old] ?? '' });
      old++;
      now++;
    } else if (
      now >= after.length ||
      (old < before.length && (lengths[(old + 1) * wide + now] ?? 0) >= (lengths[old * wide + now + 1] ?? 0))
    ) {
      lines.push(removed(old++));
    } else {
      lines.push(added(now++));
    }
  }
  return lines;
}

function withContext(lines: readonly DiffLine[]): readonly DiffLine[] {
  const near = new Uint8Array(lines.length);
  for (const [index, { kind }] of lines.entries()) {
    if (kind !== 'same') near.fill(1, Math.max(0, index - CONTEXT), index + CONTEXT + 1);
  }
  const shown: DiffLine[] = [];
  for (const [index, line] of lines.entries()) {
    const last = shown.at(-1);
    if (near[index] === 1) shown.push(line);
    else if (last?.kind === 'skipped') shown[shown.length - 1] = { kind: 'skipped', count: last.count + 1 };
    else shown.push({ kind: 'skipped', count: 1 });
  }
  return shown;
}
