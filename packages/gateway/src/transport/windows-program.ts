/** What to write instead where a command is one for Windows, as the files of clients there have it; undefined where it is none. */
export function windowsProgram(command: string, args: readonly string[]): string | undefined {
  const file = command.split(/[\\/]/).at(-1) ?? command;
  const program = file.replace(ENDING, '');
  if (/^cmd(\.exe)?$/i.test(file)) {
    const started = args.find((arg) => !/^\/\w/.test(arg));
    // What follows may be secret; the name of a program never is.
    const instead = started === undefined ? 'the program that it starts' : JSON.stringify(started.replace(ENDING, ''));
    return `that is how Windows starts a program; here write "command": ${instead}, and what follows it in "args"`;
  }
  if (!/^[a-z]:[\\/]/i.test(command) && program === file) return undefined;
  return `that is a program of Windows; here write "command": ${JSON.stringify(program)}, and install it if it is missing`;
}

const ENDING = /\.(cmd|bat|exe|ps1)$/i;
