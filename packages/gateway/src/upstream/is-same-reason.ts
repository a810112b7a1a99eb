/** Whether two reasons say the same but for numbers: the time, a process id or a port in the last words of a program is no news. */
export function isSameReason(one: string | undefined, other: string | undefined): boolean {
  return withoutNumbers(one) === withoutNumbers(other);
}

function withoutNumbers(reason: string | undefined): string | undefined {
  return reason?.replace(/\d+/g, '0');
}
