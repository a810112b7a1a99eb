let text: string | undefined;

/** The time of now as HTTP has it, made once a second. */
export function httpDate(): string {
  if (text === undefined) {
    const now = new Date();
    text = now.toUTCString();
    setTimeout(() => {
      text = undefined;
    }, 1_000 - now.getMilliseconds()).unref();
  }
  return text;
}
