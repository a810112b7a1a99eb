import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { createFromTemplate } from './create-from-template.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import {
  GUARD_TEMPLATE,
  PLUGIN_KINDS,
  PLUGIN_TEMPLATES,
  type PluginKind,
  type PluginLanguage,
  SERVER_TEMPLATES,
  type ServerLanguage,
  type Template,
} from './templates.ts';
import type { Terminal } from './terminal.ts';

/** Names that npm, Cargo, Go and MCP clients all take. */
const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const LONGEST_NAME = 32;

/** `lockgate new plugin | server | guard <name>`. */
export function addNewCommand(program: Command, terminal: Terminal): void {
  const create = program
    .command('new')
    .description('write the folder of a new plugin, server or guard, ready to be built')
    .addHelpText(
      'after',
      '\nExamples:\n  lockgate new plugin weather\n  lockgate new server forecast\n  lockgate new guard notes-guard\n',
    );

  create
    .command('plugin')
    .description('write a plugin with one tool and one setting')
    .addArgument(new Argument('<name>', "its name, and the folder's").argParser(toName))
    .addOption(
      new Option('--kind <kind>', "Lockgate's own interface, a plug-in for Extism, or a component of WASI 0.2")
        .choices(Object.keys(PLUGIN_KINDS))
        .default('plugin'),
    )
    .addOption(
      new Option(
        '--language <language>',
        'what it is written in (default: assemblyscript; rust for a component)',
      ).choices(Object.keys(PLUGIN_TEMPLATES)),
    )
    .option('--dry-run', 'say what would be written')
    .addHelpText(
      'after',
      help(
        'lockgate new plugin weather',
        'lockgate new plugin --language rust weather',
        'lockgate new plugin --kind extism weather',
      ),
    )
    .action((name: string, options: { kind: PluginKind; language?: PluginLanguage; dryRun?: boolean }) =>
      createFromTemplate(templateOf(options.kind, options.language), name, options.dryRun === true, terminal),
    );

  create
    .command('server')
    .description('write a whole MCP server that runs as a guest, with one tool and one variable')
    .addArgument(new Argument('<name>', "its name, and the folder's").argParser(toName))
    .addOption(
      new Option('--language <language>', 'what it is written in')
        .choices(Object.keys(SERVER_TEMPLATES))
        .default('assemblyscript'),
    )
    .option('--dry-run', 'say what would be written')
    .addHelpText('after', help('lockgate new server weather', 'lockgate new server --language go weather'))
    .action((name: string, options: { language: ServerLanguage; dryRun?: boolean }) =>
      createFromTemplate(SERVER_TEMPLATES[options.language], name, options.dryRun === true, terminal),
    );

  create
    .command('guard')
    .description('write a guard in AssemblyScript, and the server that it stands in front of')
    .addArgument(new Argument('<name>', "its name, and the folder's").argParser(toName))
    .option('--dry-run', 'say what would be written')
    .addHelpText('after', help('lockgate new guard notes-guard'))
    .action((name: string, options: { dryRun?: boolean }) =>
      createFromTemplate(GUARD_TEMPLATE, name, options.dryRun === true, terminal),
    );
}

/** @throws CommandFailure where there is no template of this kind in this language. */
function templateOf(kind: PluginKind, language: PluginLanguage | undefined): Template {
  const templates = PLUGIN_KINDS[kind];
  const languages = Object.keys(templates) as PluginLanguage[];
  const template = templates[language ?? languages[0] ?? 'assemblyscript'];
  if (template !== undefined) return template;
  throw new CommandFailure(
    `--kind ${kind} has no template in ${language}; leave out --language, or give ${languages.join(', ')}`,
    EXIT.usage,
  );
}

function toName(name: string): string {
  if (NAME.test(name) && name.length <= LONGEST_NAME) return name;
  throw new InvalidArgumentError(
    `A name has small letters, digits and single dashes, begins with a letter, and has at most ${LONGEST_NAME} characters.`,
  );
}

function help(...examples: readonly string[]): string {
  return `
No file is overwritten.

Exit codes: 0 written, 1 a file of that name is there already or cannot be written, 2 wrong command line.

Examples:
${examples.map((example) => `  ${example}\n`).join('')}`;
}
