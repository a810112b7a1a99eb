import type { GuestMemory } from '../guest-memory.ts';
import type { GuestLogLevel, GuestLogWriter } from './host.ts';
import { insideMemory } from './inside-memory.ts';

/** What is read of a log line at most; the rest would be cut anyway. */
const MAX_LINE_BYTES = 65_536;

/** Reads a line out of a guest, wherever it points, and passes it on. */
export function writeLogLine(
  log: GuestLogWriter,
  memory: GuestMemory,
  level: GuestLogLevel,
  pointer: number,
  length: number,
): void {
  if (log.isFull) {
    log.drop();
    return;
  }
  const byteLength = Math.min(length >>> 0, MAX_LINE_BYTES);
  const line = insideMemory(() => memory.readText({ pointer: pointer >>> 0, byteLength }));
  log.write(level, line ?? 'a log line that lies outside memory');
}
