import { visible } from '../consent/hidden-characters.ts';
import type { PinReport, WithheldItem } from '../console/api.ts';
import { printable } from './printable.ts';
import type { Paint } from './terminal.ts';

/** Lines around a change, and most lines of one definition that are shown. */
const CONTEXT = 2;
const MOST_LINES = 60;

const BECAUSE: Readonly<Record<WithheldItem['because'], string>> = {
  new: 'is new: nobody has approved it',
  changed: 'has changed since it was approved',
  ambiguous: 'cannot be approved',
};

/** As it is named on a command line, on one line; what nobody would see of the name is written out. */
export function shownName({ server, kind, name }: Pick<WithheldItem, 'server' | 'kind' | 'name'>): string {
  return printable(visible(kind === 'tool' ? `${server}/${name}` : `${server}/${kind}:${name}`));
}

/** What is withheld and why, with what has changed line by line. */
export function describePins({ mode, file, pinned, withheld }: PinReport, paint: Paint): string {
  if (mode === 'off') {
    return 'Pins are off: whatever a server says of its tools is served. Set "gateway.pins.mode"; docs/pins.md says to what.\n';
  }
  const where = file === undefined ? 'in memory' : `in ${file}`;
  const count = withheld.filter(({ isOffered }) => isOffered).length;
  const gone = count === withheld.length ? '' : ` ${withheld.length - count} no longer offered (lockgate pins forget).`;
  const head = `${pinned} approved (${mode}, ${where}), ${count} withheld.${gone}\n`;
  return head + withheld.map((item) => `\n${describe(item, paint)}`).join('');
}

function describe(item: WithheldItem, paint: Paint): string {
  const gone = item.isOffered ? '' : ', and is no longer offered';
  const lines = [`${paint('bold', shownName(item))} ${BECAUSE[item.because]}${gone}`];
  for (const { text } of item.findings) lines.push(`  ${paint('yellow', `! ${printable(text)}`)}`);
  const changed = changes(item.before?.split('\n') ?? [], item.after.split('\n'));
  for (const { sign, text } of changed.slice(0, MOST_LINES)) {
    const line = `  ${sign} ${printable(text)}`;
    lines.push(sign === '+' ? paint('green', line) : sign === '-' ? paint('red', line) : line);
  }
  if (changed.length > MOST_LINES) lines.push(`  ... ${changed.length - MOST_LINES} more lines (--json has them)`);
  return `${lines.join('\n')}\n`;
}

interface ChangedLine {
  readonly sign: '+' | '-' | ' ';
  readonly text: string;
}

/** Members are sorted, so that what differs lies between what both begin and end with. */
function changes(before: readonly string[], after: readonly string[]): readonly ChangedLine[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  const least = Math.min(before.length, after.length) - head;
  while (tail < least && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const signed = (sign: ChangedLine['sign'], lines: readonly string[]): ChangedLine[] =>
    lines.map((text) => ({ sign, text }));
  return [
    ...signed(' ', after.slice(Math.max(0, head - CONTEXT), head)),
    ...signed('-', before.slice(head, before.length - tail)),
    ...signed('+', after.slice(head, after.length - tail)),
    ...signed(' ', after.slice(after.length - tail, after.length - tail + CONTEXT)),
  ];
}
