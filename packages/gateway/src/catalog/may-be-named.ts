import type { NamingOptions } from './naming.ts';
import { portableStart } from './portable-name.ts';

/**
 * Whether something of a source with this prefix may have this name, whatever it offers: by {@link giveNames}, or as the whole name of it. Where it may
 * not, the name leads where it leads with or without that source: what keeps two names apart stands at their ends.
 */
export function mayBeNamed(name: string, prefix: string, { prefix: when, separator }: NamingOptions): boolean {
  if (when !== 'always' || prefix === '') return true;
  const before = prefix + separator;
  return name.startsWith(before) || name.startsWith(portableStart(before, separator));
}
