import { createHash } from 'node:crypto';
import { isAbsolute, win32 } from 'node:path';
import type { GatewaySection } from './gateway-section.ts';
import type { GatewayConfig } from './schema.ts';
import type { Redact } from './secrets.ts';

/** A short digest of each section that gateways which share a state store should have alike, by its place. */
export type SectionDigests = Readonly<Record<string, string>>;

/** Keys of "gateway" that decide what clients see and may do. The others are about one machine: where it listens, what it writes, how much it takes. */
const ALIKE: readonly (keyof GatewaySection)[] = [
  'mode',
  'prefix',
  'prefixSeparator',
  'portableNames',
  'discovery',
  'guardsMode',
  'auth',
  'pins',
  'approvals',
];

/**
 * Digests of a configuration. Secrets are taken out before, so that nothing of them can be guessed from these, and may differ between gateways; of paths the last
 * part counts, which may lie elsewhere on each machine.
 */
export function sectionDigests(
  { plugins, guards, mcpServers, roles, profiles, limits, gateway }: GatewayConfig,
  redact: Redact,
): SectionDigests {
  const sections = { plugins, guards, mcpServers, roles, profiles, limits };
  const all: [string, unknown][] = [
    ...Object.entries(sections),
    ...ALIKE.map((key): [string, unknown] => [`gateway.${key}`, gateway[key]]),
  ];
  return Object.fromEntries(all.map(([place, value]) => [place, digestOf(value, redact)]));
}

/** The places at which two are not alike; one that only one of them has, such as of another version, says nothing. */
export function differingSections(one: SectionDigests, other: SectionDigests): readonly string[] {
  return Object.keys(one).filter((place) => Object.hasOwn(other, place) && one[place] !== other[place]);
}

function digestOf(value: unknown, redact: Redact): string {
  const text = JSON.stringify(inOrder(value)) ?? '';
  return createHash('sha256').update(redact(text)).digest('hex').slice(0, 16);
}

/** Whatever order somebody has written keys in. */
function inOrder(value: unknown): unknown {
  if (typeof value === 'string') return isAbsolute(value) || win32.isAbsolute(value) ? win32.basename(value) : value;
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, inOrder(item)]));
}
