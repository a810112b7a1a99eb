import { isDeepStrictEqual } from 'node:util';
import type { Found } from './client.ts';
import { hoistSecrets, withoutVariableNames } from './hoist-secrets.ts';
import { childTree, isTree, type Tree } from './tree.ts';

/** The servers of a client's file that a configuration of Lockgate has as well: the same program with the same arguments, or the same address. */
export function frontedServers(found: readonly Found[], configuration: Tree): readonly string[] {
  const known = Object.values(childTree(configuration, 'mcpServers') ?? {})
    .filter(isTree)
    .map(reachOf);
  return found.flatMap((one) => {
    if ('leftOut' in one || one.section !== 'mcpServers') return [];
    const reach = reachOf(one.entry);
    return known.some((other) => isDeepStrictEqual(other, reach)) ? [one.name] : [];
  });
}

function reachOf(entry: Tree): unknown {
  const { command, args = [], url } = hoistSecrets('mcpServers', 'x', entry, () => 'X');
  return withoutVariableNames({ command, args, url });
}
