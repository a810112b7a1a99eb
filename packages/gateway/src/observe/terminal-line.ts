import { styleText } from 'node:util';
import { parseJson } from '../json.ts';

type Style = Parameters<typeof styleText>[0];

/** What a line of the log always has, and what it may have. */
interface LogLine {
  /** As the log has it, or in milliseconds since 1970. */
  readonly time: string | number;
  readonly level: number;
  readonly msg: string;
  readonly err?: { readonly stack?: string };
}

const LEVELS: ReadonlyMap<number, readonly [name: string, style: Style]> = new Map([
  [20, ['DEBUG', 'blue']],
  [30, ['INFO', 'green']],
  [40, ['WARN', 'yellow']],
  [50, ['ERROR', 'red']],
]);

/**
 * A line of the JSON log as people read it: time of day, level, sentence and fields, with the stack of an error below.
 * No control character gets through, since what servers say must not move the cursor. A line that is no JSON, which a
 * mask in a number may have done, is shown as it is.
 */
export function terminalLine(json: string, color: boolean): string {
  const line = parseJson(json) as LogLine | undefined;
  if (line === undefined) return json;
  const { time, level, msg, err, ...fields } = line;
  const paint = (style: Style, text: string): string =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const [name, style] = LEVELS.get(level) ?? [String(level), 'white'];
  const { stack, ...error } = err ?? {};
  const shown = JSON.stringify(err === undefined ? fields : { ...fields, err: error });
  const text = [`[${timeOfDay(time)}] ${paint(style, name)}: ${paint('cyan', printable(msg))}`];
  if (shown !== '{}') text.push(` ${paint('gray', printable(shown))}`);
  for (const below of stack?.split('\n') ?? []) text.push(`\n    ${printable(below)}`);
  return `${text.join('')}\n`;
}

/** In the time zone of who reads it. */
function timeOfDay(time: string | number): string {
  const date = new Date(time);
  return `${date.toTimeString().slice(0, 8)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
