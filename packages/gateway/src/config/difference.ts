import { isDeepStrictEqual } from 'node:util';
import type { ConfigurationDifference, EntryDifference } from './configuration-difference.ts';
import type { GatewaySection } from './gateway-section.ts';
import type { GatewayConfig } from './schema.ts';

export type ConfigDifference = ConfigurationDifference<keyof GatewaySection>;

/** Keys of "gateway" that are fixed once the gateway runs: a change of them waits for a restart. */
const FIXED: ReadonlySet<keyof GatewaySection> = new Set([
  'listen',
  'mode',
  'tls',
  'logDir',
  'logRotation',
  'audit',
  'wasmCacheDir',
  'wasmGuardsDir',
  'limits',
  'metrics',
  'tracing',
  'answers',
  'console',
  'adminSocket',
  'vault',
  'state',
] as const);

/** What differs between two configurations, entry by entry. */
export function configDifference(before: GatewayConfig, after: GatewayConfig): ConfigDifference {
  const keys = [
    ...new Set([...Object.keys(before.gateway), ...Object.keys(after.gateway)]),
  ] as (keyof GatewaySection)[];
  return {
    plugins: entryDifference(before.plugins, after.plugins),
    guards: entryDifference(before.guards, after.guards),
    mcpServers: entryDifference(before.mcpServers, after.mcpServers),
    roles: entryDifference(before.roles, after.roles),
    profiles: entryDifference(before.profiles, after.profiles),
    limits: entryDifference(before.limits, after.limits),
    gateway: keys.filter((key) => !isDeepStrictEqual(before.gateway[key], after.gateway[key])),
  };
}

/** True where nothing differs. */
export function isSame({ gateway, ...sections }: ConfigDifference): boolean {
  return gateway.length === 0 && Object.values(sections).every((of) => Object.values(of).flat().length === 0);
}

/** The next configuration as far as it can be applied to what runs: keys that wait for a restart stay as they are. */
export function applicable(running: GatewayConfig, next: GatewayConfig): GatewayConfig {
  const fixed = Object.fromEntries([...FIXED].map((key) => [key, running.gateway[key]]));
  return { ...next, gateway: { ...next.gateway, ...fixed } };
}

/** The keys of a difference that only a restart applies. */
export function needsRestart({ gateway }: ConfigDifference): readonly string[] {
  return gateway.filter((key) => FIXED.has(key)).map((key) => `gateway.${key}`);
}

function entryDifference(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): EntryDifference {
  const kept = Object.keys(after).filter((name) => Object.hasOwn(before, name));
  return {
    added: Object.keys(after).filter((name) => !Object.hasOwn(before, name)),
    removed: Object.keys(before).filter((name) => !Object.hasOwn(after, name)),
    changed: kept.filter((name) => !isDeepStrictEqual(before[name], after[name])),
  };
}
