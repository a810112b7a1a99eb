import { ObjectText } from '../../protocol/frame/object-text.ts';

/** Names that a JSON pointer holds as they are. */
const PLAIN_NAME = /^[\w.-]{1,64}$/;

/** Input schemas of which what several have in common is said once. */
export interface SharedParameters {
  /** Schemas of parameters by name. */
  readonly shared: ObjectText;
  /** In the order given; a shared parameter is a reference to `#/shared/<name>`. */
  readonly schemas: readonly ObjectText[];
}

/**
 * Says once what parameters of the same name and schema need not be said several times, where that is shorter. Schemas that are
 * not shared keep the bytes of their server.
 */
export function shareParameters(schemas: readonly ObjectText[]): SharedParameters {
  const seen = new Map<string, Map<string, number>>();
  for (const schema of schemas) {
    const properties = schema.object('properties');
    for (const name of properties?.keys() ?? []) {
      const text = textOf(properties, name);
      const byText = seen.get(name) ?? new Map<string, number>();
      seen.set(name, byText.set(text, (byText.get(text) ?? 0) + 1));
    }
  }
  const chosen = new Map<string, string>();
  for (const [name, byText] of seen) {
    const [text, count] = [...byText].sort(([, one], [, other]) => other - one)[0] ?? ['', 0];
    if (isShorterShared(name, text, count)) chosen.set(name, text);
  }
  let shared: ObjectText = ObjectText.EMPTY;
  for (const [name, text] of chosen) shared = shared.with(name, Buffer.from(text));
  return { shared, schemas: schemas.map((schema) => withReferences(schema, chosen)) };
}

function isShorterShared(name: string, text: string, count: number): boolean {
  // A reference of its own leads to another place of its schema, which is not shared.
  if (count < 2 || !PLAIN_NAME.test(name) || text.includes('"$ref"')) return false;
  return text.length * (count - 1) > referenceTo(name).length * count + name.length + 4;
}

function withReferences(schema: ObjectText, chosen: ReadonlyMap<string, string>): ObjectText {
  let properties = schema.object('properties');
  const before = properties;
  for (const name of before?.keys() ?? []) {
    if (chosen.get(name) === textOf(before, name)) properties = properties?.with(name, Buffer.from(referenceTo(name)));
  }
  return properties === undefined || properties === before ? schema : schema.with('properties', properties);
}

function textOf(properties: ObjectText | undefined, name: string): string {
  return properties?.bytes(name)?.toString('utf8') ?? '';
}

function referenceTo(name: string): string {
  return `{"$ref":"#/shared/${name}"}`;
}
