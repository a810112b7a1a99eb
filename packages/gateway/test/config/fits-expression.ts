/** Whether a text is what a pattern means, by a regular expression with any characters in place of each `*`: slow, and surely right. */
export function fitsExpression(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[^\w]/gs, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}
