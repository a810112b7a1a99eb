import { expect, test } from 'vitest';
import { withColumns } from '../../src/answers/columns.ts';
import { parseExactly } from '../../src/query/exact-json.ts';

const rows = (count: number, row: (index: number) => object): object[] =>
  Array.from({ length: count }, (_, index) => row(index));

test('ten like objects are a table; nine are not', () => {
  const list = rows(10, (n) => ({ n, t: `t${n}` }));
  expect(withColumns(list)).toEqual({ columns: ['n', 't'], rows: list.map((row) => Object.values(row)) });
  expect(withColumns(list.slice(1))).toEqual(list.slice(1));
});

test('tables stand where their lists stood, also inside one another', () => {
  const inner = rows(12, (n) => ({ n, m: -n }));
  const told = withColumns({ total: 10, items: rows(10, (n) => ({ n, inner })) }) as { items: { same: object } };
  expect(told).toEqual({
    total: 10,
    items: { same: { inner }, columns: ['n'], rows: rows(10, (n) => [n]) },
  });
  const differing = withColumns(rows(10, (n) => ({ n, inner: rows(10, (m) => ({ n, m })) }))) as { rows: object[][] };
  expect(differing.rows[3]?.[1]).toEqual({ same: { n: 3 }, columns: ['m'], rows: rows(10, (m) => [m]) });
});

test('what is equal in all rows is said once, and like objects in the rows become columns', () => {
  const list = rows(11, (n) => ({ n, state: 'open', user: { login: `u${n}`, site: false } }));
  expect(withColumns(list)).toEqual({
    same: { state: 'open', 'user.site': false },
    columns: ['n', 'user.login'],
    rows: rows(11, (n) => [n, `u${n}`]),
  });
});

test('a member that a few lack is null there; objects that are not alike stay objects', () => {
  const few = rows(12, (n) => (n === 4 ? { n } : { n, m: n }));
  expect(withColumns(few)).toMatchObject({ columns: ['n', 'm'] });
  expect((withColumns(few) as { rows: unknown[] }).rows[4]).toEqual([4, null]);
  const unlike = rows(12, (n) => ({ [`k${n}`]: n }));
  expect(withColumns(unlike)).toEqual(unlike);
});

test('names with dots are not taken for those of inner objects', () => {
  const list = rows(10, (n) => ({ 'a.b': n, a: { b: -n } }));
  expect(withColumns(list)).toMatchObject({ columns: ['a.b', 'a'] });
});

test('what is inside of lists inside lists is read a few times, not at every level', () => {
  let reads = 0;
  let inner: object = {
    get a() {
      reads++;
      return 0;
    },
  };
  for (let level = 0; level < 50; level++) inner = { a: [inner, ...rows(9, () => ({ a: 1 }))] };
  withColumns(inner);
  expect(reads).toBeLessThan(10);
});

test('numbers are the same only with the same digits', () => {
  const list = parseExactly(`[${Array.from({ length: 10 }, (_, n) => `{"n":${n},"m":1.${'0'.repeat(1 + (n % 2))}}`)}]`);
  expect(withColumns(list)).not.toHaveProperty('same');
});
