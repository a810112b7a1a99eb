import type { Command } from 'commander';
import { IMPORTED_CLIENTS } from '../clients/ids.ts';
import type { ImportOptions } from './import-files.ts';
import type { Terminal } from './terminal.ts';

/** `lockgate import <file...>`. */
export function addImportCommand(program: Command, terminal: Terminal): void {
  program
    .command('import')
    .description(
      "take the MCP servers of other clients' files over into lockgate.json; shows what it would write, and starts nothing",
    )
    .argument('<file...>', "clients' files: JSON, YAML or TOML")
    .option('--from <client>', `whose files they are, where that cannot be told: ${IMPORTED_CLIENTS.join(', ')}`)
    .option('--to <file>', 'the configuration to add to (default: lockgate.json in this folder)')
    .option('--write', 'write it; what was there before is kept beside it')
    .option('--dry-run', 'write nothing (the default)')
    .option('--rename', 'take an entry whose name is taken under another name')
    .option('--secrets <file>', 'with --write: put the values of new variables there, for "lockgate serve --env"')
    .option('--json', 'say what comes of each entry as JSON')
    .addHelpText(
      'after',
      `
Secrets that are written out become variables, and their values are never shown. Entries that stand in the configuration
already are kept as they are.

Exit codes: 0 done, 1 some of the files could not be read, 2 none could, or the configuration cannot be used.

Examples:
  lockgate import ~/.cursor/mcp.json
  lockgate import ~/.claude.json .vscode/mcp.json --to lockgate.json --write
  lockgate import ~/.codex/config.toml --write --secrets lockgate.env && lockgate serve --env lockgate.env
`,
    )
    .action(async (files: string[], options: ImportOptions) => {
      // Loaded here, as the other commands load what they need: a gateway reads no client's file.
      const { importFiles } = await import('./import-files.ts');
      await importFiles(files, options, terminal);
    });
}
