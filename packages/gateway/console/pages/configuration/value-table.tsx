import type { JSX } from 'preact';
import type { Configuration } from '../../../src/console/api.ts';
import { count, counted } from '../../figures.ts';
import { replaceFilters, route } from '../../navigation.ts';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { type Column, Table } from '../../parts/table.tsx';

type Value = Configuration['values'][number];

const COLUMNS: readonly Column<Value>[] = [
  { title: 'Key', class: 'name mono', cell: (value) => <Key of={value} /> },
  { title: 'Value', class: 'mono wrap', isWideOnly: true, cell: ({ value }) => value },
  {
    title: 'From',
    cell: ({ source }) => (source === 'default' ? <span class="muted">{source}</span> : source),
  },
];

/** Every value that holds, with its source; those that nobody gave can be left out. */
export function ValueTable({ of }: { readonly of: Configuration['values'] }): JSX.Element {
  const { search = '', show = 'given' } = route.value.filters;
  const set = (change: Record<string, string>): void =>
    replaceFilters('configuration', undefined, { search, show, ...change });
  const wanted = search.toLowerCase();
  const found = of.filter(
    ({ place, value, source }) =>
      (show === 'all' || source !== 'default') &&
      (place.toLowerCase().includes(wanted) || value.toLowerCase().includes(wanted)),
  );
  return (
    <Card
      title="What holds"
      isFlush
      beside={<span class="muted small">{`${count(found.length)} of ${counted(of.length, 'value')}`}</span>}
    >
      <div class="card-head">
        <div class="filters grow">
          <div class="field">
            <label for="value-search">Key or value contains</label>
            <input
              id="value-search"
              class="input"
              type="search"
              value={search}
              onInput={({ currentTarget }) => set({ search: currentTarget.value })}
            />
          </div>
          <div class="field">
            <label for="value-show">Show</label>
            <select
              id="value-show"
              class="select"
              value={show}
              onChange={({ currentTarget }) => set({ show: currentTarget.value })}
            >
              <option value="given">What was given</option>
              <option value="all">Defaults as well</option>
            </select>
          </div>
        </div>
      </div>
      <Table
        label="Values of the configuration"
        of={found}
        keyOf={({ place }) => place}
        columns={COLUMNS}
        isShort
        empty={
          <Empty title="No value is like that">
            <button type="button" class="button" onClick={() => set({ search: '', show: 'all' })}>
              Show all
            </button>
          </Empty>
        }
      />
    </Card>
  );
}

function Key({ of: { place, value } }: { readonly of: Value }): JSX.Element {
  return (
    <>
      {place}
      <div class="narrow-only muted wrap">{value}</div>
    </>
  );
}
