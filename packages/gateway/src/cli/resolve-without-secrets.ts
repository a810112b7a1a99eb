import type { Place } from '../config/place.ts';
import { type ResolvedConfig, type ResolveInput, resolveConfig } from '../config/resolve.ts';
import { expandVariables } from '../config/variables.ts';

type Tree = Record<string, unknown>;

/** Of the gateway, what says where something lies: it cannot be left out. */
const FOLDERS = ['logDir', 'wasmCacheDir', 'wasmGuardsDir'];
/** Of an entry, what is handed on to what it starts or reaches. */
const HANDED_ON: ReadonlySet<unknown> = new Set(['settings', 'env', 'headers', 'auth', 'args']);

/**
 * Resolves a configuration for a command that looks at folders and modules alone. Where variables are not defined, what they are part of is left out, as long as it
 * is none of these: a secret that only `serve` is given is not missing here.
 *
 * @param needed - Keys of "gateway" that the command cannot do without, beside its folders.
 * @returns what throws GATEWAY_CONFIG with everything that is wrong beside it.
 */
export function resolvingWithoutSecrets(...needed: readonly string[]): (input: ResolveInput) => ResolvedConfig {
  const kept = new Set<unknown>([...FOLDERS, ...needed]);
  return (input) => {
    const { text, folder, environment, envFile = {} } = input;
    const { problems } = expandVariables(text.tree, { ...envFile, ...environment }, folder);
    const tree = structuredClone(text.tree) as Tree;
    for (const { place } of problems) leaveOut(tree, dispensable(place, kept));
    return resolveConfig({ ...input, text: { ...text, tree, locate: (place) => text.locate(place) } });
  };
}

/** The part of a place that nobody needs here; empty where that is none. */
function dispensable(place: Place, kept: ReadonlySet<unknown>): Place {
  const [section, key, group] = place;
  if (section === 'gateway') return kept.has(key) ? [] : place.slice(0, 2);
  // No such command reaches a server; what is a module is compiled.
  if (section === 'mcpServers' && group !== 'wasm') return place.slice(0, 2);
  return HANDED_ON.has(group) ? place.slice(0, 3) : [];
}

function leaveOut(tree: Tree, place: Place): void {
  const holder = place.slice(0, -1).reduce<unknown>((node, step) => (node as Tree | undefined)?.[step], tree);
  if (place.length > 0 && holder !== undefined) Reflect.deleteProperty(holder as Tree, place.at(-1) as string);
}
