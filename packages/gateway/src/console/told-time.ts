/** The milliseconds since 1970 of a time as logs have it; 0 where it is none. */
export function toldTime(text: string): number {
  return Date.parse(text) || 0;
}
