import type { LogLine } from '../../src/console/api.ts';

/** A line of the gateway's log as text: its sentence, then its fields. */
export function logText({ message, fields }: LogLine): string {
  const rest = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [message, ...rest].join(' ');
}
