import { createHash } from 'node:crypto';
import type { GuardPolicies } from '../config/guarding.ts';
import { AcceptedTags } from './label.ts';
import type { LabelGuard, Rule } from './rule.ts';

/** What stands in front of one server, as the configuration says it. */
export interface Guarded {
  /** The guard's name and how to reach the one in service; absent where the server has none. */
  readonly guard?: {
    readonly name: string;
    readonly inService: () => Promise<LabelGuard>;
    /** Its configuration: another guard has to label every agent again. Equal for every process that has the same one. */
    readonly origin: unknown;
    /** Tells the version that is live from others of the same configuration. */
    readonly version: () => string | undefined;
  };
  /** The server's own, or where it has none the guard's. */
  readonly policies?: GuardPolicies | undefined;
}

/**
 * Turns a server's policies into its rule. A write-sink needs no guard; a guard gets its policy as it stands, and an empty
 * object without one; a server with neither is the public internet. Source: DIFC.md, "Policies per server".
 */
export function ruleFor({ guard, policies }: Guarded): Rule {
  const sink = policies?.['write-sink'];
  if (sink) return { kind: 'sink', accept: new AcceptedTags(sink['sink-visibility'] === 'public' ? [] : sink.accept) };
  if (!guard) return { kind: 'open' };
  const { 'write-sink': _sink, ...policy } = policies ?? {};
  const configured = hashOf([guard.origin, policy]);
  return {
    kind: 'guard',
    guardName: guard.name,
    guard: guard.inService,
    policy,
    get policyHash() {
      return `${configured}:${guard.version() ?? ''}`;
    },
  };
}

/** A digest that does not depend on the order of keys. */
function hashOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, sorted(inner)]);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}
