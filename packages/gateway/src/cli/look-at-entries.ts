import type { GatewayConfig } from '../config/schema.ts';
import { type Diagnosis, sentenceOf } from '../diagnosis.ts';
import { commandOrigin } from '../modules/command-origin.ts';
import { lookAtModule } from '../modules/look-at-module.ts';
import { commandProblem } from '../transport/command-problem.ts';

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
  const told = (found: Diagnosis | undefined): string | undefined => found && sentenceOf(found);
  return Promise.all([
    ...on(plugins).map(async ([name, entry]): Promise<SeenEntry> => {
      const origin = entry.path ?? entry.url ?? '';
      return { section: 'plugins', name, kind: 'plugin', origin, problem: told(await lookAtModule('plugin', entry)) };
    }),
    ...on(guards).map(async ([name, entry]): Promise<SeenEntry> => {
      const origin = entry.path ?? entry.url ?? '';
      return { section: 'guards', name, kind: 'guard', origin, problem: told(await lookAtModule('guard', entry)) };
    }),
    ...on(mcpServers).map(async ([name, entry]): Promise<SeenEntry> => {
      const common = { section: 'mcpServers', name, kind: 'server' } as const;
      if (entry.type === 'wasm')
        return { ...common, origin: entry.wasm, problem: told(await lookAtModule('command', commandOrigin(entry))) };
      if (entry.type !== 'stdio') return { ...common, origin: new URL(entry.url).origin, problem: undefined };
      return { ...common, origin: entry.command, problem: told(await commandProblem(entry, environment)) };
    }),
  ]);
}
