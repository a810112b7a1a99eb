import { partsOf, type ValueType } from './value-type.ts';

/** `"",` */
const BESIDE_A_NAME = 3;

const known = new WeakMap<ValueType, number>();

/** What the names in a type come to, in characters, each as often as it stands in a schema of that type at least. */
export function namesLength(type: ValueType): number {
  const before = known.get(type);
  if (before !== undefined) return before;
  const length = partsOf(type).reduce((sum, part) => sum + namesLength(part), ownNames(type));
  known.set(type, length);
  return length;
}

function ownNames(type: ValueType): number {
  switch (type.kind) {
    case 'enum':
    case 'flags':
      return type.names.reduce((sum, name) => sum + name.length + BESIDE_A_NAME, 0);
    case 'record':
      return type.fields.reduce((sum, { name }) => sum + name.length + BESIDE_A_NAME, 0);
    case 'variant':
      return type.cases.reduce((sum, { name }) => sum + name.length + BESIDE_A_NAME, 0);
    default:
      return 0;
  }
}
