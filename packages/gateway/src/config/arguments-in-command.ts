/** What to write where a command that was not found holds arguments as well, as the end of a sentence; empty where it holds none. */
export function argumentsInCommand(command: string, args: readonly string[]): string {
  const [program = '', ...rest] = (command.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) =>
    JSON.stringify(word.replace(/^(["'])(.*)\1$/s, '$2')),
  );
  if (rest.length === 0) return '';
  // What stands in "args" already may be secret; what stands in "command" never is.
  const list = [...rest, ...(args.length > 0 ? ['...'] : [])].join(', ');
  return `; arguments go into "args": write "command": ${program}, "args": [${list}]`;
}
