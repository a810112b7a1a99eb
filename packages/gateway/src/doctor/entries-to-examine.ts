import { guardOf } from '../config/guard-origin.ts';
import type { GatewayConfig } from '../config/schema.ts';
import type { EntryReport, ExaminedEntry } from './entry-report.ts';
import type { ExamineContext } from './examine-context.ts';
import { examineGuard, examinePlugin } from './examine-guests.ts';
import { examineServer } from './examine-server.ts';

/** One thing that is started, and how. */
export interface EntryToExamine {
  readonly name: string;
  examine(context: ExamineContext & { readonly timeoutMs: number | undefined }): Promise<ExaminedEntry | undefined>;
}

interface Wanted {
  readonly config: GatewayConfig;
  readonly names?: readonly string[];
}

/** What is started: plugins, then servers, then the guard in front of each; of these, what is named. */
export function entriesToExamine({ config, names }: Wanted): readonly EntryToExamine[] {
  const { plugins, mcpServers } = config;
  const isWanted = ([name, { disabled }]: readonly [string, { readonly disabled: boolean }]): boolean =>
    !disabled && (names?.includes(name) ?? true);
  const guarded = [...Object.entries(plugins), ...Object.entries(mcpServers)].filter(
    ([name, { disabled, guard }]) =>
      !disabled &&
      (names === undefined || names.includes(name) || names.includes(String(guard))) &&
      guardOf(name, config) !== undefined,
  );
  return [
    ...Object.entries(plugins)
      .filter(isWanted)
      .map(([name, entry]): EntryToExamine => ({ name, examine: (context) => examinePlugin(name, entry, context) })),
    ...Object.entries(mcpServers)
      .filter(isWanted)
      .map(([name, entry]): EntryToExamine => {
        return { name, examine: ({ timeoutMs, ...context }) => examineServer(name, entry, context, timeoutMs) };
      }),
    ...guarded.map(([name]): EntryToExamine => {
      return { name: `guard of ${name}`, examine: (context) => examineGuard(name, config, context) };
    }),
  ];
}

/** What is switched off, of what is wanted. */
export function switchedOff({ config, names }: Wanted): readonly Pick<EntryReport, 'name' | 'kind'>[] {
  const off = (entries: Readonly<Record<string, { readonly disabled: boolean }>>, kind: EntryReport['kind']) =>
    Object.entries(entries)
      .filter(([name, { disabled }]) => disabled && (names?.includes(name) ?? true))
      .map(([name]) => ({ name, kind }));
  return [...off(config.plugins, 'plugin'), ...off(config.mcpServers, 'server'), ...off(config.guards, 'guard')];
}
