import type { ComponentChildren, JSX } from 'preact';
import { ScrollArea } from './scroll-area.tsx';

export interface Column<T> {
  readonly title: string;
  /** What stands under the title for one row. */
  readonly cell: (row: T) => ComponentChildren;
  /** Classes of the cells, beside those that follow from the rest. */
  readonly class?: string;
  readonly isNumber?: boolean;
  /** Left out on a narrow screen: another cell says there what matters of it. */
  readonly isWideOnly?: boolean;
}

export interface TableProps<T> {
  readonly label: string;
  readonly of: readonly T[];
  readonly keyOf: (row: T) => string;
  readonly columns: readonly Column<T>[];
  /** What stands in place of a table without rows. */
  readonly empty: ComponentChildren;
  /** Whether it scrolls by itself where it has many rows. */
  readonly isShort?: boolean;
}

/** Rows of one kind: reachable by keyboard, scrolled where they are too wide, told apart from none. */
export function Table<T>({ label, of, keyOf, columns, empty, isShort = false }: TableProps<T>): JSX.Element {
  if (of.length === 0) return <>{empty}</>;
  return (
    <ScrollArea label={label} class={isShort ? 'scroll short' : 'scroll'}>
      <table class="table">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" class={classOf(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {of.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td key={column.title} class={classOf(column, column.class)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

function classOf(
  { isNumber, isWideOnly }: Pick<Column<never>, 'isNumber' | 'isWideOnly'>,
  own?: string,
): string | undefined {
  const names = [own, isNumber && 'num', isWideOnly && 'wide-only'].filter(Boolean);
  return names.length === 0 ? undefined : names.join(' ');
}
