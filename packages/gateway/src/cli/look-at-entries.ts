import type { ModuleOrigin } from '../config/modules-section.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { type Diagnosis, sentenceOf } from '../diagnosis.ts';
import { commandOrigin } from '../modules/command-origin.ts';
import { lookAtModule } from '../modules/look-at-module.ts';
import { commandProblem } from '../transport/command-problem.ts';

/** One entry of a configuration, and what can be seen of it without starting anything. */
export interface SeenEntry {
  readonly section: 'plugins' | 'guards' | 'mcpServers';
  readonly name: string;
  /** The key of the entry that names its file, address or command. */
  readonly key: 'path' | 'wasm' | 'url' | 'command';
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
  const told = (found: Diagnosis | undefined): string | undefined => found && sentenceOf(found);
  return Promise.all([
    ...on(plugins).map(async ([name, entry]): Promise<SeenEntry> => {
      const common = { section: 'plugins', name, kind: 'plugin', ...originOf(entry) } as const;
      return { ...common, problem: told(await lookAtModule('plugin', entry)) };
    }),
    ...on(guards).map(async ([name, entry]): Promise<SeenEntry> => {
      const common = { section: 'guards', name, kind: 'guard', ...originOf(entry) } as const;
      return { ...common, problem: told(await lookAtModule('guard', entry)) };
    }),
    ...on(mcpServers).map(async ([name, entry]): Promise<SeenEntry> => {
      const common = { section: 'mcpServers', name, kind: 'server' } as const;
      if (entry.type === 'wasm') {
        const problem = told(await lookAtModule('command', commandOrigin(entry)));
        return { ...common, key: 'wasm', origin: entry.wasm, problem };
      }
      if (entry.type !== 'stdio')
        return { ...common, key: 'url', origin: new URL(entry.url).origin, problem: undefined };
      const problem = told(await commandProblem(entry, environment));
      return { ...common, key: 'command', origin: entry.command, problem };
    }),
  ]);
}

function originOf({ path, url = '' }: ModuleOrigin): Pick<SeenEntry, 'key' | 'origin'> {
  return path === undefined ? { key: 'url', origin: url } : { key: 'path', origin: path };
}
