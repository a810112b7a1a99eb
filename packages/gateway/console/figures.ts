import { span } from '../src/console/span.ts';

const WHOLE = new Intl.NumberFormat('en');
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `1,234`. */
export function count(value: number): string {
  return WHOLE.format(Math.round(value));
}

/** A rate or share with as many digits as can be told apart: `0.4`, `12.3`, `1,234`. */
export function rough(value: number): string {
  if (value >= 100 || Number.isInteger(value)) return count(value);
  return value >= 0.1 ? value.toFixed(1) : value.toPrecision(1);
}

/** `850 B`, `12.3 MB`; a kB has 1000 bytes. */
export function bytes(value: number): string {
  let size = value;
  let unit = 0;
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1_000;
    unit++;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}

/** Milliseconds as people say them: `0.42 ms`, `12.3 ms`, `1.24 s`, `3 min 20 s`. */
export function milliseconds(value: number): string {
  if (value === 0) return '0 ms';
  if (value < 1) return `${value.toFixed(2)} ms`;
  if (value < 100) return `${value.toFixed(1)} ms`;
  if (value < 1_000) return `${Math.round(value)} ms`;
  if (value < 60_000) return `${(value / 1_000).toFixed(2)} s`;
  return span(value);
}

/** `3 tools`, `1 tool`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
