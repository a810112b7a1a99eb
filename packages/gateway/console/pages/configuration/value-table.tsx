import type { JSX } from 'preact';
import type { Configuration } from '../../../src/console/api.ts';
import { count, counted } from '../../figures.ts';
import { replaceFilters, route } from '../../navigation.ts';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { ScrollArea } from '../../parts/scroll-area.tsx';

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
      {found.length === 0 ? (
        <Empty title="No value is like that">
          <button type="button" class="button" onClick={() => set({ search: '', show: 'all' })}>
            Show all
          </button>
        </Empty>
      ) : (
        <ScrollArea label="Values of the configuration" class="scroll short">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Key</th>
                <th scope="col" class="wide-only">
                  Value
                </th>
                <th scope="col">From</th>
              </tr>
            </thead>
            <tbody>
              {found.map(({ place, value, source }) => (
                <tr key={place}>
                  <td class="name mono">
                    {place}
                    <div class="narrow-only muted wrap">{value}</div>
                  </td>
                  <td class="wide-only mono wrap">{value}</td>
                  <td class={source === 'default' ? 'muted' : undefined}>{source}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollArea>
      )}
    </Card>
  );
}
