import { parseJson } from '../json.ts';
import type { LogLevel, LogLine } from './api.ts';
import type { LogLines } from './console-sources.ts';
import { toldTime } from './told-time.ts';

const LEVELS: Readonly<Record<number, LogLevel>> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' };
const ORDER: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Fields in which a line of the log names a server, plugin or guard. */
const NAMING = ['server', 'plugin', 'module', 'guard', 'upstream', 'name'];

export interface LineFilter {
  readonly level?: LogLevel | undefined;
  readonly server?: string | undefined;
}

export function isLevel(text: string): text is LogLevel {
  return (ORDER as readonly string[]).includes(text);
}

/** One line as it is told. Undefined where it is not wanted, or was cut and is no JSON. */
function logLine(id: number, text: string, filter: LineFilter = {}): LogLine | undefined {
  const parsed = parseJson(text) as { time?: string; level?: number; msg?: string } | undefined;
  const { time = '', level: number = 30, msg = text.slice(0, 1_000), ...fields } = parsed ?? {};
  const level = LEVELS[number] ?? 'error';
  if (filter.level && ORDER.indexOf(level) < ORDER.indexOf(filter.level)) return undefined;
  if (filter.server !== undefined && !names(fields, filter.server)) return undefined;
  return { id, time: toldTime(time), level, message: msg, fields };
}

/** The lines after one, the oldest first. */
export function* linesAfter(log: LogLines, after: number, filter: LineFilter = {}): Generator<LogLine> {
  for (let id = Math.max(after + 1, log.first); id <= log.last; id++) {
    const line = logLine(id, log.at(id) ?? '', filter);
    if (line) yield line;
  }
}

function names(fields: Readonly<Record<string, unknown>>, server: string): boolean {
  return NAMING.some((key) => {
    const value = fields[key];
    // A guard is loaded under its own name and that of its server.
    return value === server || (typeof value === 'string' && value.endsWith(`@${server}`));
  });
}
