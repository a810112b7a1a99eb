import { prefixApart } from './namespaces.ts';
import type { NamingOptions } from './naming.ts';
import { portableStart } from './portable-name.ts';

/**
 * Whether something of a source with this prefix may have this name, whatever it offers: by {@link giveNames}, or as the whole name of it. Where it may
 * not, the name leads nowhere else without that source, though it may lead nowhere: what stands apart only because of that source.
 */
export function mayBeNamed(name: string, prefix: string, { prefix: when, separator }: NamingOptions): boolean {
  if (when !== 'always' || prefix === '') return true;
  return [prefix, prefixApart(prefix)].some((own) => {
    const before = own + separator;
    return name.startsWith(before) || name.startsWith(portableStart(before, separator));
  });
}
