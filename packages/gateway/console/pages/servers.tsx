import type { JSX } from 'preact';
import { isTroubled, overview, overviewFailure, troubledFirst } from '../api/overview.ts';
import { counted } from '../figures.ts';
import { replaceFilters, route } from '../navigation.ts';
import { Card } from '../parts/card.tsx';
import { Empty } from '../parts/empty.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { NothingServed } from '../parts/nothing-served.tsx';
import { Page } from '../parts/page.tsx';
import { UpstreamTable } from '../parts/upstream-table.tsx';

const SHOW = {
  all: () => true,
  trouble: isTroubled,
  running: ({ state }: { state: string }) => state === 'running',
  disabled: ({ state }: { state: string }) => state === 'disabled',
} as const;

const WORDS: Readonly<Record<keyof typeof SHOW, string>> = {
  all: 'All',
  trouble: 'In trouble',
  running: 'Running',
  disabled: 'Disabled',
};

/** Every server and plugin, those in trouble first. */
export function ServersPage(): JSX.Element {
  const { name = '', show = 'all' } = route.value.filters;
  const set = (change: Record<string, string>): void => replaceFilters('servers', undefined, { name, show, ...change });
  const shows = SHOW[show as keyof typeof SHOW] ?? SHOW.all;
  return (
    <Page title="Servers and plugins" lead="What the gateway serves, and how each of them fares.">
      <div class="filters">
        <div class="field">
          <label for="server-name">Name contains</label>
          <input
            id="server-name"
            class="input"
            type="search"
            value={name}
            onInput={({ currentTarget }) => set({ name: currentTarget.value })}
          />
        </div>
        <div class="field">
          <label for="server-show">Show</label>
          <select
            id="server-show"
            class="select"
            value={show}
            onChange={({ currentTarget }) => set({ show: currentTarget.value })}
          >
            {Object.entries(WORDS).map(([value, word]) => (
              <option key={value} value={value}>
                {word}
              </option>
            ))}
          </select>
        </div>
      </div>
      <Loaded of={{ value: overview, failure: overviewFailure }}>
        {({ upstreams, configuration }) => {
          const wanted = name.toLowerCase();
          const found = upstreams.filter((one) => shows(one) && one.name.toLowerCase().includes(wanted));
          return (
            <Card
              title={
                found.length === upstreams.length
                  ? counted(found.length, 'entry', 'entries')
                  : `${found.length} of ${counted(upstreams.length, 'entry', 'entries')}`
              }
              isFlush
            >
              <UpstreamTable
                of={troubledFirst(found)}
                empty={
                  upstreams.length === 0 ? (
                    <NothingServed by={configuration} />
                  ) : (
                    <Empty title="None of them is like that">
                      <button type="button" class="button" onClick={() => set({ name: '', show: 'all' })}>
                        Show all
                      </button>
                    </Empty>
                  )
                }
              />
            </Card>
          );
        }}
      </Loaded>
    </Page>
  );
}
