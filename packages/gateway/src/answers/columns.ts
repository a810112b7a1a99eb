import { ExactNumber, isMembers } from '../query/exact-json.ts';

/** Elements from which on a list of like objects is written as a table. */
const FEWEST_ROWS = 10;

/** Share of a table's cells that its objects must have. */
const FEWEST_FILLED = 0.75;

type Members = Readonly<Record<string, unknown>>;

/**
 * A value in which every list of ten or more like objects is a table, `{"columns": [names], "rows": [[values]]}`: each name is written once. A column in which all
 * values are equal stands once under `same`. Objects inside the objects, where they are alike, become columns `outer.inner`. A cell is null also where its object
 * has no such member.
 *
 * Plain JSON: TOON, which says the same with fewer signs, takes between 2 % fewer and 2 % more tokens.
 */
export function withColumns(value: unknown): unknown {
  if (Array.isArray(value)) return tableOf(value) ?? value.map(withColumns);
  if (!isMembers(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withColumns(inner)]));
}

function tableOf(list: readonly unknown[]): object | undefined {
  if (list.length < FEWEST_ROWS || !list.every(isMembers)) return undefined;
  const rows = spread(list);
  const names = namesOf(rows);
  const filled = rows.reduce((sum, row) => sum + Object.keys(row).length, 0);
  if (names.length === 0 || filled < FEWEST_FILLED * names.length * rows.length) return undefined;
  const [first = {}] = rows;
  const isSame = (name: string): boolean =>
    rows.every((row) => Object.hasOwn(row, name) && isEqual(row[name], first[name]));
  const same = new Set(names.filter(isSame));
  const columns = names.filter((name) => !same.has(name));
  if (columns.length === 0) return undefined;
  return {
    ...(same.size > 0 && { same: Object.fromEntries([...same].map((name) => [name, first[name]])) }),
    columns,
    rows: rows.map((row) => columns.map((name) => (Object.hasOwn(row, name) ? withColumns(row[name]) : null))),
  };
}

/** The rows with the members of like objects inside them among their own. */
function spread(rows: readonly Members[]): readonly Members[] {
  const names = namesOf(rows);
  // Else two columns might get one name.
  if (names.some((name) => name.includes('.'))) return rows;
  const [first] = rows;
  const nested = new Set(names.filter((name) => isMembers(first?.[name]) && areAlike(rows.map((row) => row[name]))));
  if (nested.size === 0) return rows;
  const flat = rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).flatMap(([name, inner]) =>
        nested.has(name)
          ? Object.entries(inner as Members).map(([deeper, value]): [string, unknown] => [`${name}.${deeper}`, value])
          : [[name, inner]],
      ),
    ),
  );
  return flat;
}

function areAlike(values: readonly unknown[]): boolean {
  const [first] = values;
  if (!isMembers(first)) return false;
  const names = Object.keys(first);
  if (names.length === 0 || names.some((name) => name.includes('.'))) return false;
  return values.every(
    (value) =>
      isMembers(value) &&
      Object.keys(value).length === names.length &&
      names.every((name) => Object.hasOwn(value, name)),
  );
}

function namesOf(rows: readonly Members[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

/** Ends at the first difference, so that lists inside lists are not read again at every level. */
function isEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((inner, at) => isEqual(inner, other[at]));
  }
  if (one instanceof ExactNumber) return other instanceof ExactNumber && JSON.stringify(one) === JSON.stringify(other);
  if (!isMembers(one) || !isMembers(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isEqual(one[name], other[name]))
  );
}
