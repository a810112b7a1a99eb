import { isDeepStrictEqual } from 'node:util';
import { ConfigError, type ConfigProblem } from '../config/config-error.ts';
import type { ConfigText } from '../config/config-text.ts';
import { type ResolvedConfig, type ResolveInput, resolveConfig } from '../config/resolve.ts';

type Tree = Readonly<Record<string, unknown>>;

/**
 * Resolves what of a configuration can be used, so that one broken entry does not hide what is to be found about the others.
 *
 * @param onError - Told what is wrong, as often as something has been left out for it.
 * @throws GATEWAY_CONFIG when what is wrong is no matter of single entries.
 */
export function resolveRest(input: ResolveInput, onError: (error: ConfigError) => void): ResolvedConfig {
  try {
    return resolveConfig(input);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    onError(error);
    const rest = withoutEntries(input.text, error.facts.problems);
    if (rest === undefined) throw error;
    return resolveRest({ ...input, text: rest }, onError);
  }
}

/** The text without the entries that these problems are about; undefined where one is about something else. */
function withoutEntries(text: ConfigText, problems: readonly ConfigProblem[]): ConfigText | undefined {
  const tree = structuredClone(text.tree) as Record<string, Record<string, unknown> | undefined>;
  for (const { place } of problems) {
    const [section = '', name = ''] = place;
    const isOfEntry = ['plugins', 'guards', 'mcpServers'].includes(String(section)) && place.length > 1;
    if (!isOfEntry || typeof tree[section] !== 'object') return undefined;
    Reflect.deleteProperty(tree[section] as Tree, name);
  }
  return isDeepStrictEqual(tree, text.tree) ? undefined : { ...text, tree, locate: (place) => text.locate(place) };
}
