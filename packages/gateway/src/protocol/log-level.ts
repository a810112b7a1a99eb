import type { Era } from './era.ts';
import type { Message } from './message.ts';

/** Levels of log messages, the least severe first. Source: MCP specification, "Logging"; RFC 5424. */
export const LOG_LEVELS: readonly string[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
];

/** Orders levels; unknown ones count as the most severe, so that they are not lost. */
export function severity(level: string | undefined): number {
  const index = LOG_LEVELS.indexOf(level ?? '');
  return index === -1 ? LOG_LEVELS.length : index;
}

/** Whether a client wants a notification: modern clients get the log messages they ask for, legacy ones all until they choose. */
export function wants({ method, params }: Message, level: string | undefined, era: Era): boolean {
  if (method !== 'notifications/message') return true;
  if (level === undefined) return era === 'legacy';
  return severity(params?.text('level')) >= severity(level);
}
