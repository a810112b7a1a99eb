import { type Command, Option } from 'commander';
import { createAccessControl } from '../access/access-control.ts';
import { hashApiKey } from '../access/api-keys.ts';
import { explainConfig } from '../config/explain.ts';
import { ITEM_KINDS, type ItemKind } from '../config/item-patterns.ts';
import { configJsonSchema } from '../config/json-schema.ts';
import { configNotes } from '../config/notes.ts';
import { formatPlace } from '../config/place.ts';
import { addConfigOptions, type OpenedConfig, openConfig } from './config-options.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { lookAtEntries } from './look-at-entries.ts';
import { printPermission } from './print-permission.ts';
import { storageProblems } from './storage-problems.ts';
import { columns, painter, type Terminal, wantsColor } from './terminal.ts';

/** `lockgate config check | explain | schema | key`. */
export function addConfigCommand(program: Command, terminal: Terminal): void {
  const config = program
    .command('config')
    .description('look at a configuration before it is served')
    .addHelpText(
      'after',
      '\nExamples:\n  lockgate config check --config lockgate.json\n  lockgate config explain --given --config lockgate.json\n',
    );

  addConfigOptions(config.command('check'))
    .description('say whether a configuration can be used, and what is wrong with it, its modules and its commands')
    .addHelpText(
      'after',
      `\nExit codes: 0 usable, 2 not usable.\n\nExample:\n  lockgate config check --config lockgate.json\n`,
    )
    .action(async (options: Record<string, unknown>) => {
      const opened = await openConfig(options, terminal);
      createAccessControl(opened.config.gateway);
      const { plugins, guards, mcpServers } = opened.config;
      const counts = `${count(plugins, 'plugin')}, ${count(guards, 'guard')}, ${count(mcpServers, 'server')}`;
      writeNotes(opened, terminal);
      const seen = await lookAtEntries(opened.config, terminal.environment);
      const problems = seen.flatMap(({ section, name, key, origin, problem }) => {
        if (problem === undefined) return [];
        const what = key === 'command' ? problem : `${origin}: ${problem}`;
        return [{ isProgram: key === 'command', text: `${formatPlace([section, name, key])}: ${what}` }];
      });
      // Programs may well be installed where the configuration is served, and not here.
      const paint = painter(wantsColor(terminal));
      for (const { isProgram, text } of problems)
        if (isProgram) terminal.stderr.write(`${paint('yellow', 'note:')} ${text}\n`);
      for (const text of await storageProblems(opened.config))
        terminal.stderr.write(`${paint('yellow', 'note:')} ${text}\n`);
      const modules = problems.filter(({ isProgram }) => !isProgram);
      if (modules.length > 0) throw new CommandFailure(modules.map(({ text }) => text).join('\n'), EXIT.usage);
      terminal.stdout.write(`${opened.source}: usable (${counts})\n`);
    });

  addConfigOptions(config.command('explain'))
    .description('print every value and where it came from, secrets masked; or what somebody may use, and why')
    .argument('[item]', 'with --as: a tool as "server/tool", and whether it may be used')
    .option('--json', 'print JSON')
    .option('--given', 'leave defaults out')
    .option('--as <principal>', 'say what this key or certificate, or claim:<value> of a token, may use')
    .addOption(new Option('--kind <kind>', 'what the item is').choices([...ITEM_KINDS]).default('tool'))
    .addHelpText(
      'after',
      `
A value comes from the first of: flag, environment (MCP_GATEWAY_...), --env file, configuration file, default.

Examples:
  lockgate config explain --config lockgate.json
  lockgate config explain --given --json | jq '.values[] | select(.source != "file")'
  lockgate config explain --as ci
  lockgate config explain --as ci github/delete_repo
  lockgate config explain --as claim:staff --kind resource notes/file:///home/today.md
`,
    )
    .action(async (item: string | undefined, options: Record<string, unknown>) => {
      const opened = await openConfig(options, terminal);
      if (typeof options.as === 'string') {
        printPermission(
          opened,
          { as: options.as, item, kind: options.kind as ItemKind, json: options.json === true },
          terminal,
        );
        return;
      }
      if (item !== undefined) throw new CommandFailure('say whose: --as <principal>', EXIT.usage);
      const all = explainConfig(opened);
      const values = options.given === true ? all.filter(({ source }) => source !== 'default') : all;
      if (options.json === true) {
        const notes = [...opened.warnings, ...configNotes(opened.config)];
        terminal.stdout.write(`${JSON.stringify({ source: opened.source, values, notes }, null, 2)}\n`);
        return;
      }
      const paint = painter(wantsColor(terminal, terminal.stdout));
      terminal.stdout.write(
        columns(
          values.map(({ place, value, source }) => [
            place,
            value,
            paint(source === 'default' ? 'dim' : 'cyan', source),
          ]),
        ),
      );
      writeNotes(opened, terminal);
    });

  config
    .command('schema')
    .description('print the JSON Schema of lockgate.json, for editors')
    .addHelpText('after', `\nExample:\n  lockgate config schema > lockgate.schema.json\n`)
    .action(() => {
      terminal.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    });

  config
    .command('key')
    .description('make an API key: the key for the client, its hash for "gateway.auth.apiKeys"')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nThe key is printed once and kept nowhere; it is the word that begins with "lg_", alone.\n\nExamples:\n  lockgate config key\n  lockgate config key --json | jq --raw-output .hash\n`,
    )
    .action((options: Record<string, unknown>) => {
      const random = crypto.getRandomValues(new Uint8Array(32));
      const key = `lg_${Buffer.from(random).toString('base64url')}`;
      const hash = hashApiKey(key);
      terminal.stdout.write(
        options.json === true ? `${JSON.stringify({ key, hash }, null, 2)}\n` : `key   ${key}\nhash  ${hash}\n`,
      );
    });
}

/** Writes what may not be meant to stderr, one line each. */
export function writeNotes({ warnings, config }: Pick<OpenedConfig, 'warnings' | 'config'>, terminal: Terminal): void {
  const paint = painter(wantsColor(terminal));
  for (const note of [...warnings, ...configNotes(config)])
    terminal.stderr.write(`${paint('yellow', 'note:')} ${note}\n`);
}

function count(entries: object, word: string): string {
  const number = Object.keys(entries).length;
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
