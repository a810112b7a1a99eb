import { LockgateError } from '@lockgate/abi';
import { Command, CommanderError } from 'commander';
import { VERSION } from '../version.ts';
import { addApprovalsCommand } from './approvals.ts';
import { addAuditCommand } from './audit.ts';
import { addCacheCommand } from './cache.ts';
import { addCallCommand } from './call.ts';
import { addCompletionCommand } from './completion.ts';
import { addConfigCommand } from './config.ts';
import { addConnectCommand } from './connect.ts';
import { addConsoleCommand } from './console.ts';
import { addDoctorCommand } from './doctor.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { addExportCommand } from './export.ts';
import { addImportCommand } from './import.ts';
import { addInitCommand } from './init.ts';
import { addInspectCommand } from './inspect.ts';
import { addListCommands } from './lists.ts';
import { addLogsCommand } from './logs.ts';
import { addMonitorCommand } from './monitor.ts';
import { addNewCommand } from './new.ts';
import { addPinsCommand } from './pins.ts';
import { addReloadCommand } from './reload.ts';
import { addServeCommand } from './serve.ts';
import { addStatusCommand } from './status.ts';
import { painter, type Terminal, wantsColor } from './terminal.ts';
import { nameUnknownSubcommands } from './unknown-subcommand.ts';
import { addVaultCommand } from './vault.ts';

/** Builds the whole command line over a terminal. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command('lockgate')
    .description('An MCP gateway for WebAssembly plugins, guards and upstream MCP servers.')
    .version(VERSION, '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
      getOutHasColors: () => wantsColor(terminal, terminal.stdout),
      getErrHasColors: () => wantsColor(terminal),
    })
    .addHelpText(
      'after',
      `
Exit codes: 0 done, 1 what was looked at or called has failed, 2 the command line or the configuration cannot be used.

Examples:
  lockgate init
  lockgate serve --config lockgate.json
  lockgate call textkit__slugify '{"text":"Hello there"}' --config lockgate.json
  lockgate inspect textkit.wasm
  lockgate new plugin weather
`,
    );
  addInitCommand(program, terminal);
  addServeCommand(program, terminal);
  addNewCommand(program, terminal);
  addImportCommand(program, terminal);
  addExportCommand(program, terminal);
  addDoctorCommand(program, terminal);
  addInspectCommand(program, terminal);
  addCallCommand(program, terminal);
  addListCommands(program, terminal);
  addCacheCommand(program, terminal);
  addConfigCommand(program, terminal);
  addCompletionCommand(program, terminal);
  addMonitorCommand(program, terminal);
  addStatusCommand(program, terminal);
  addLogsCommand(program, terminal);
  addReloadCommand(program, terminal);
  addConsoleCommand(program, terminal);
  addConnectCommand(program, terminal);
  addVaultCommand(program, terminal);
  addPinsCommand(program, terminal);
  addApprovalsCommand(program, terminal);
  addAuditCommand(program, terminal);
  nameUnknownSubcommands(program);
  return program;
}

/**
 * Runs a command line (without `node` and the program's name).
 *
 * @returns The exit code; what went wrong stands on stderr.
 */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<number> {
  const program = createProgram(terminal);
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
