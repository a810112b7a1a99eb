import type { ModuleOrigin } from '../config/modules-section.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { commandProblem } from './find-command.ts';
import { inspectFile } from './inspect-file.ts';

/** One entry of a configuration, and what can be seen of it without starting anything. */
export interface SeenEntry {
  readonly section: 'plugins' | 'guards' | 'mcpServers';
  readonly name: string;
  readonly kind: 'plugin' | 'guard' | 'server';
  /** Its file, address or command. */
  readonly origin: string;
  /** Why it could not be served from here. */
  readonly problem: string | undefined;
}

/** Looks at every module and every command that is not switched off. */
export async function lookAtEntries(
  { plugins, guards, mcpServers }: GatewayConfig,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly SeenEntry[]> {
  const on = <T extends { readonly disabled: boolean }>(entries: Readonly<Record<string, T>>): [string, T][] =>
    Object.entries(entries).filter(([, { disabled }]) => !disabled);
  return Promise.all([
    ...on(plugins).map(([name, entry]) => lookAtModule('plugins', 'plugin', name, entry)),
    ...on(guards).map(([name, entry]) => lookAtModule('guards', 'guard', name, entry)),
    ...on(mcpServers).map(async ([name, entry]): Promise<SeenEntry> => {
      const common = { section: 'mcpServers', name, kind: 'server' } as const;
      if (entry.type !== 'stdio') return { ...common, origin: new URL(entry.url).origin, problem: undefined };
      return { ...common, origin: entry.command, problem: await commandProblem(entry, environment) };
    }),
  ]);
}

async function lookAtModule(
  section: 'plugins' | 'guards',
  kind: 'plugin' | 'guard',
  name: string,
  { path, url }: ModuleOrigin,
): Promise<SeenEntry> {
  const common = { section, name, kind, origin: path ?? url ?? '' };
  if (path === undefined) return { ...common, problem: undefined };
  const { problems, report } = await inspectFile(path);
  const other =
    report && report.abi !== 'unknown' && report.abi !== kind ? `it is a ${report.abi}, not a ${kind}` : undefined;
  return { ...common, problem: other ?? problems[0] };
}
