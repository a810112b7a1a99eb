import { visible } from '../consent/hidden-characters.ts';
import type { PinReport, WithheldItem } from '../console/api.ts';
import { changedLines } from './changed-lines.ts';
import { printable } from './printable.ts';
import type { Paint } from './terminal.ts';

/** Most lines of one definition that are shown. */
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

/**
 * What is withheld and why, with what has changed line by line.
 *
 * @param flag - Of the configuration that the pins are of.
 */
export async function describePins(
  { mode, file, pinned, withheld }: PinReport,
  flag: string,
  paint: Paint,
): Promise<string> {
  if (mode === 'off') {
    return 'Pins are off: whatever a server says of its tools is served. Set "gateway.pins.mode"; docs/pins.md says to what.\n';
  }
  const where = file === undefined ? 'in memory' : `in ${file}`;
  const count = withheld.filter(({ isOffered }) => isOffered).length;
  const gone =
    count === withheld.length
      ? ''
      : ` ${withheld.length - count} not offered to everybody now (approve them, or lockgate pins forget${flag}).`;
  const head = `${pinned} approved (${mode}, ${where}), ${count} withheld.${gone}\n`;
  const told = await Promise.all(withheld.map(async (item) => `\n${await describe(item, paint)}`));
  return head + told.join('');
}

async function describe(item: WithheldItem, paint: Paint): Promise<string> {
  const gone = item.isOffered ? '' : ', and not everybody is offered it now';
  const lines = [`${paint('bold', shownName(item))} ${BECAUSE[item.because]}${gone}`];
  for (const { text } of item.findings) lines.push(`  ${paint('yellow', `! ${printable(text)}`)}`);
  const changed = await changedLines(item.before?.split('\n') ?? [], item.after.split('\n'));
  for (const { sign, text } of changed.slice(0, MOST_LINES)) {
    const line = `  ${sign} ${printable(text)}`;
    lines.push(sign === '+' ? paint('green', line) : sign === '-' ? paint('red', line) : line);
  }
  if (changed.length > MOST_LINES) lines.push(`  ... ${changed.length - MOST_LINES} more lines (--json has them)`);
  return `${lines.join('\n')}\n`;
}
