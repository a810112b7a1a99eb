import type { Command } from 'commander';
import { addConfigOptions } from './config-options.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { readArguments } from './read-arguments.ts';
import type { Terminal } from './terminal.ts';

/** A call as the command line has it. */
interface AskedCall {
  tool?: string;
  args?: string;
}

/** `lockgate monitor try [config]`. */
export function addMonitorCommand(program: Command, terminal: Terminal): void {
  const calls: AskedCall[] = [];
  const monitor = program
    .command('monitor')
    .description('look at what the reference monitor does')
    .addHelpText(
      'after',
      `\nExample:\n  lockgate monitor try lockgate.json --tool files__list_directory --args '{"path":"/tmp"}'\n`,
    );
  addConfigOptions(monitor.command('try'))
    .description(
      'make calls in one session and print every phase of their way, and every frame beside them: labels, checks, times, verdict; for people who write guards',
    )
    .argument('[config]', 'configuration file, the same as --config')
    .requiredOption(
      '--tool <name>',
      "the tool's name as clients see it, e.g. files__list_directory; again for the next call of the session",
      tool(calls),
    )
    .option('--args <json>', 'the arguments of this call: JSON, @file, or - for stdin', args(calls))
    .option('--json', 'print the decision and the answer as JSON; of several calls, a list of them')
    .addHelpText(
      'after',
      `
The calls are real: where the monitor allows one, the server carries it out. With several, each --args goes with its
--tool, and the labels that the agent takes on in one hold in the next; one that is denied ends nothing.

Exit codes: 0 every call passed, whole or filtered, 1 one was denied or failed, 2 wrong command line or configuration.

Examples, with the files of examples/quickstart (the guard takes whole paths):
  lockgate monitor try examples/quickstart/lockgate.json --tool files__list_directory \\
    --args "{\\"path\\":\\"$PWD/examples/quickstart/data\\"}"
  lockgate monitor try examples/quickstart/propagate.json --tool files__read_text_file \\
    --args "{\\"path\\":\\"$PWD/examples/quickstart/data/private/diary.md\\"}" \\
    --tool notice-board__create_entities --args '{"entities":[]}'
`,
    )
    .action(async (config: string | undefined, options: Record<string, unknown>) => {
      const given = config === undefined ? options : { ...options, config };
      const tried = await readCalls(calls, terminal);
      // Loaded here: the other commands need no MCP.
      const { tryCalls } = await import('./monitor-try.ts');
      await tryCalls(tried, options.json === true, given, terminal);
    });
}

/** A tool begins the next call, unless arguments before it have. */
function tool(calls: AskedCall[]): (name: string) => string {
  return (name) => {
    const last = calls.at(-1);
    if (last && last.tool === undefined) last.tool = name;
    else calls.push({ tool: name });
    return name;
  };
}

function args(calls: AskedCall[]): (json: string) => string {
  return (json) => {
    const last = calls.at(-1);
    if (last && last.args === undefined) last.args = json;
    else calls.push({ args: json });
    return json;
  };
}

async function readCalls(
  calls: readonly AskedCall[],
  terminal: Terminal,
): Promise<readonly { readonly tool: string; readonly args: Record<string, unknown> }[]> {
  if (calls.some(({ tool }) => tool === undefined)) throw new CommandFailure('an --args has no --tool', EXIT.usage);
  const fromStdin = calls.filter(({ args }) => args === '-' || args === '@-');
  if (fromStdin.length > 1) throw new CommandFailure('stdin gives the arguments of one call only', EXIT.usage);
  // What is piped in is meant for the only call; of several it would be unclear which.
  const piped = terminal.piped && calls.length === 1;
  return Promise.all(
    calls.map(async ({ tool = '', args }) => ({ tool, args: await readArguments(args, { ...terminal, piped }) })),
  );
}
