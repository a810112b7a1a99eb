let line: string | undefined;

/** The line of an answer's head that says what time it is, made once a second. */
export function dateLine(): string {
  if (line === undefined) {
    const now = new Date();
    line = `Date: ${now.toUTCString()}\r\n`;
    setTimeout(() => {
      line = undefined;
    }, 1_000 - now.getMilliseconds()).unref();
  }
  return line;
}
