import { LockgateError } from '@lockgate/abi/without-guests';
import { type Command, CommanderError } from 'commander';
import { CommandFailure, EXIT } from './exit-code.ts';
import { createRoot } from './root-command.ts';
import { addServeCommand } from './serve.ts';
import { painter, type Terminal, wantsColor } from './terminal.ts';

/**
 * Runs a command line (without `node` and the program's name).
 *
 * @returns The exit code; what went wrong stands on stderr.
 */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<number> {
  const program = await programFor(args, terminal);
  const isCommand = (name: string): boolean => program.commands.some((command) => command.name() === name);
  try {
    await program.parseAsync(withoutHelpOnNothing(program, args), { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError && error.code === 'commander.unknownOption' && args[0]?.startsWith('-'))
      terminal.stderr.write(
        `(Options stand after the command: lockgate ${args.find(isCommand) ?? 'serve'} ${args[0]} ...)\n`,
      );
    return reportFailure(error, terminal);
  }
}

/** The command line as far as these arguments reach: a gateway that starts waits for no other command to be read. */
async function programFor([name]: readonly string[], terminal: Terminal): Promise<Command> {
  if (name !== 'serve') return (await import('./whole-program.ts')).createProgram(terminal);
  const program = createRoot(terminal);
  addServeCommand(program, terminal);
  return program;
}

/** Commander answers help on a name that it does not know with its whole help; as a command, the name is said to be unknown. */
function withoutHelpOnNothing(program: Command, args: readonly string[]): string[] {
  const at = args.indexOf('help');
  const topic = at === -1 ? undefined : args[at + 1];
  let parent: Command | undefined = program;
  for (const name of args.slice(0, Math.max(at, 0)))
    parent = parent?.commands.find((command) => command.name() === name);
  const names = parent?.commands.map((command) => command.name()) ?? [];
  const isKnown = topic === undefined || topic === 'help' || names.length === 0 || names.includes(topic);
  return isKnown ? [...args] : [...args.slice(0, at), ...args.slice(at + 1)];
}

function reportFailure(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const paint = painter(wantsColor(terminal));
  const say = (text: string): void => {
    for (const line of text.split('\n')) terminal.stderr.write(`${paint('red', 'error:')} ${line}\n`);
  };
  if (error instanceof CommandFailure) {
    say(error.message);
    return error.exitCode;
  }
  if (LockgateError.isInstance(error)) {
    say(error.message);
    return error.code === 'GATEWAY_CONFIG' ? EXIT.usage : EXIT.failed;
  }
  say('this is a fault of lockgate itself; please report it with what follows');
  terminal.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.failed;
}
