import { clearCache, type DirectoryReport, describeCache } from '@lockgate/cache';
import type { Command } from 'commander';
import { addConfigOptions, openConfigIfAny } from './config-options.ts';
import { CommandFailure } from './exit-code.ts';
import { resolvingWithoutSecrets } from './resolve-without-secrets.ts';
import { columns, type Terminal } from './terminal.ts';

/** `lockgate cache stats | clear | warm`. */
export function addCacheCommand(program: Command, terminal: Terminal): void {
  const cache = program
    .command('cache')
    .description('look at, empty or fill the folder of compiled modules')
    .addHelpText('after', '\nExample:\n  lockgate cache stats --config lockgate.json\n');
  const open = async (options: Readonly<Record<string, unknown>>) => {
    const { config } = await openConfigIfAny(options, terminal, resolvingWithoutSecrets());
    return { config, directory: config.gateway.wasmCacheDir as string };
  };

  addConfigOptions(cache.command('stats'))
    .description('say what the cache holds')
    .option('--json', 'print JSON')
    .addHelpText('after', help('0 done, 1 the folder cannot be used', 'lockgate cache stats --config lockgate.json'))
    .action(async (options: Record<string, unknown>) => {
      const { directory } = await open(options);
      const report = orFail(() => describeCache(directory));
      terminal.stdout.write(options.json === true ? `${JSON.stringify(report, null, 2)}\n` : describe(report));
    });

  addConfigOptions(cache.command('clear'))
    .description('remove every entry')
    .addHelpText(
      'after',
      help('0 done, 1 the folder cannot be used', 'lockgate cache clear --wasm-cache-dir ./logs/wasm-cache'),
    )
    .action(async (options: Record<string, unknown>) => {
      const { directory } = await open(options);
      const { files, bytes } = orFail(() => clearCache(directory));
      terminal.stdout.write(`${directory}: removed ${files} ${files === 1 ? 'file' : 'files'}, ${bytes} bytes\n`);
    });

  addConfigOptions(cache.command('warm'))
    .description('compile modules ahead of time, so that even their first start is quick')
    .argument('[file...]', 'modules (default: those of the configuration)')
    .addHelpText(
      'after',
      help('0 done, 1 a module could not be compiled', 'lockgate cache warm --config lockgate.json'),
    )
    .action(async (files: readonly string[], options: Record<string, unknown>) => {
      const { config, directory } = await open(options);
      const { warmModules } = await import('./warm-modules.ts');
      const results = await warmModules(files, config, directory, terminal.workingFolder);
      terminal.stdout.write(
        columns(
          results.map(({ file, outcome, why, entryBytes, tookMs }) => [
            file,
            outcome,
            why ?? (entryBytes === undefined ? '' : `${entryBytes} bytes of code`),
            `${tookMs} ms`,
          ]),
        ),
      );
      const failed = results.filter(({ outcome }) => outcome === 'failed');
      if (failed.length > 0) throw new CommandFailure(`not compiled: ${failed.map(({ file }) => file).join(', ')}`);
    });
}

function help(codes: string, example: string): string {
  return `\nExit codes: ${codes}.\n\nExample:\n  ${example}\n`;
}

function describe({ directory, entries, bytes, unreadable }: DirectoryReport): string {
  const rows = entries.map(({ wasm, wasmBytes, bytes: codeBytes, kind, usable, usedAt }) => [
    wasm.slice(0, 12),
    `${wasmBytes} bytes of wasm`,
    `${codeBytes} bytes of code`,
    kind,
    usable ? 'usable' : 'of another engine',
    usedAt.toISOString(),
  ]);
  const count = `${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}`;
  return `${directory}: ${count}, ${bytes} bytes, ${unreadable} unreadable\n${columns(rows, '  ')}`;
}

/** The cache says in plain words why there is none; that is a failure of the command, not a fault. */
function orFail<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new CommandFailure((error as Error).message);
  }
}
