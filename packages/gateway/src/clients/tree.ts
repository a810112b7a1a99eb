/** An object of a parsed file. */
export type Tree = Readonly<Record<string, unknown>>;

export function isTree(value: unknown): value is Tree {
  // A date of TOML is none.
  return typeof value === 'object' && value !== null && [null, Object.prototype].includes(Object.getPrototypeOf(value));
}

/** What stands under a key, where that is an object with its own key of this name; nothing of its prototype. */
export function childTree(tree: Tree, key: string): Tree | undefined {
  const child = Object.hasOwn(tree, key) ? tree[key] : undefined;
  return isTree(child) ? child : undefined;
}

/** What a value is, in words, never what it holds. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  const words: Readonly<Record<string, string>> = {
    string: 'a text',
    boolean: 'true or false',
    object: 'an object',
    undefined: 'nothing',
  };
  return words[typeof value] ?? 'a number';
}

/** The same value with every text in it changed; keys stay. */
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (!isTree(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]));
}
