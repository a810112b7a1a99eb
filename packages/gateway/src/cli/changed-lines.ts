/** One line of what has changed; one without a sign is as before, or stands for several that are. */
export interface ChangedLine {
  readonly sign: '+' | '-' | ' ';
  readonly text: string;
}

/** Lines around a change that are shown with it. */
const CONTEXT = 2;

/** Lines that may differ; where there are more, what lies between the first and the last change is shown as replaced. */
const MOST_CHANGES = 500;

/** What differs between two texts, each change with a few lines around it. */
export async function changedLines(before: readonly string[], after: readonly string[]): Promise<ChangedLine[]> {
  const lines = await allLines(before, after);
  const isNear = new Uint8Array(lines.length);
  for (const [index, { sign }] of lines.entries())
    if (sign !== ' ') isNear.fill(1, Math.max(0, index - CONTEXT), index + CONTEXT + 1);
  const near: ChangedLine[] = [];
  let last = -1;
  for (const [index, line] of lines.entries()) {
    if (isNear[index] === 0) continue;
    if (near.length > 0 && index > last + 1) near.push({ sign: ' ', text: '...' });
    near.push(line);
    last = index;
  }
  return near;
}

async function allLines(before: readonly string[], after: readonly string[]): Promise<ChangedLine[]> {
  const { diffArrays } = await import('diff');
  const found = diffArrays([...before], [...after], { maxEditLength: MOST_CHANGES });
  if (!found) return replaced(before, after);
  return found.flatMap(({ added, removed, value }) => signed(added ? '+' : removed ? '-' : ' ', value));
}

function replaced(before: readonly string[], after: readonly string[]): ChangedLine[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  const least = Math.min(before.length, after.length) - head;
  while (tail < least && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return [
    ...signed(' ', after.slice(0, head)),
    ...signed('-', before.slice(head, before.length - tail)),
    ...signed('+', after.slice(head, after.length - tail)),
    ...signed(' ', after.slice(after.length - tail)),
  ];
}

function signed(sign: ChangedLine['sign'], lines: readonly string[]): ChangedLine[] {
  return lines.map((text) => ({ sign, text }));
}
