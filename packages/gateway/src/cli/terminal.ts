import type { Readable, Writable } from 'node:stream';

/** What a command touches of the outside world; tests hand in their own. */
export interface Terminal {
  readonly stdin: Readable;
  /** Whether stdin is a file or a pipe of a shell, so that reading it will end. */
  readonly piped: boolean;
  /** Results, and nothing else. */
  readonly stdout: Writable;
  /** What is said to people. */
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
}

/** Whether somebody started it by hand and has not let go of it: a terminal that closes sends SIGHUP to end what runs in it. */
export function isInTerminal({ stdin, stderr }: Pick<Terminal, 'stdin' | 'stderr'>): boolean {
  return (stdin as { isTTY?: boolean }).isTTY === true || stderr.isTTY === true;
}

export type Paint = (style: keyof typeof CODES, text: string) => string;

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** True where colours are wanted: `NO_COLOR` wins, then `FORCE_COLOR`, then `TERM=dumb`, then whether a terminal listens. */
export function wantsColor(
  terminal: Pick<Terminal, 'environment' | 'stderr'>,
  stream: Writable = terminal.stderr,
): boolean {
  const { NO_COLOR, FORCE_COLOR } = terminal.environment;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0';
  if (terminal.environment.TERM === 'dumb') return false;
  return (stream as { isTTY?: boolean }).isTTY === true;
}

/** A painter that leaves texts as they are where colours are not wanted. */
export function painter(color: boolean): Paint {
  return (style, text) => (color ? `\u001B[${CODES[style]}m${text}\u001B[0m` : text);
}

/** Columns of the terminal that a stream is; undefined where it is none, and nothing is to be cut. */
export function terminalWidth(stream: Writable): number | undefined {
  const { isTTY, columns: width } = stream as { isTTY?: boolean; columns?: number };
  return isTTY === true && width !== undefined && width > 0 ? width : undefined;
}

/** The beginning of a text, with an ellipsis where it goes on. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  // Half of a character beyond the basic plane is none.
  return `${text
    .slice(0, Math.max(0, length - 1))
    .replace(/[\uD800-\uDBFF]$/, '')
    .trimEnd()}…`;
}

/** Lines whose columns stand below each other; the last column is free to be long. */
export function columns(rows: readonly (readonly string[])[], indent = ''): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.slice(0, -1).forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, visibleLength(cell));
    });
  }
  return rows
    .map(
      (row) =>
        indent + row.map((cell, index) => pad(cell, index < row.length - 1 ? (widths[index] ?? 0) : 0)).join('  '),
    )
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape that painter() writes
const ESCAPES = /\u001B\[\d+m/g;

function visibleLength(text: string): number {
  return text.replace(ESCAPES, '').length;
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - visibleLength(text)));
}
