import { Command } from 'commander';
import { VERSION } from '../version.ts';
import { type Terminal, wantsColor } from './terminal.ts';

/** `lockgate` itself, without a command yet. */
export function createRoot(terminal: Terminal): Command {
  return new Command('lockgate')
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
}
