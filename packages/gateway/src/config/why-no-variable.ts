/** Why a program cannot be given a variable of its environment, with what to do; undefined where it can. The value is a secret, and so may be what stands in place of the name. */
export function whyNoVariable(name: string, value: string): string | undefined {
  const equals = name.indexOf('=');
  if (equals > 0) {
    const before = JSON.stringify(name.slice(0, equals));
    return `the variable ${before} has its value in its name; write ${before}: "..." with what follows the "=" in it`;
  }
  if (name === '' || equals === 0) return 'a variable has no name; write one before its value';
  if (`${name}${value}`.includes('\0'))
    return 'a variable holds the character NUL, which no program can be given; take it out';
  return undefined;
}
