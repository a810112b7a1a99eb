import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Call, CallList } from '../../src/console/api.ts';
import { listen, want } from '../api/live.ts';
import { overview } from '../api/overview.ts';
import { request } from '../api/request.ts';
import { useResource } from '../api/resource.ts';
import { callFilter, passes, withNews } from '../calls-filter.ts';
import { counted } from '../figures.ts';
import { replaceFilters, route } from '../navigation.ts';
import { tell } from '../notices.ts';
import { CallTable } from '../parts/call-table.tsx';
import { Card } from '../parts/card.tsx';
import { Empty } from '../parts/empty.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Page } from '../parts/page.tsx';
import { CallFilters } from './call-filters.tsx';

/** Calls that are listed while new ones come in. */
const KEPT = 500;
/** What runs is asked for this often: a stream tells of calls when they end. */
const ASK_EVERY_MS = 3_000;
/** News are shown together, at most this often: a busy gateway has thousands of calls a second. */
const SHOW_EVERY_MS = 250;

/** Who called what, how long it took and how it ended: live, or from the audit log. */
export function CallsPage(): JSX.Element {
  const { filters } = route.value;
  const filter = useMemo(() => callFilter(filters), [filters]);
  const query = new URLSearchParams(Object.entries(filter).map(([name, value]) => [name, String(value)]));
  const calls = useResource<CallList>(`calls?${query}`);
  const isPaused = useSignal(false);
  const isLog = filter.source === 'log';

  /** Older ones were added: asking anew would take them away. */
  const isLonger = useRef(false);
  useEffect(() => {
    isLonger.current = false;
    if (isLog) return;
    const asking = setInterval(() => {
      if (!isPaused.peek() && !isLonger.current && !document.hidden) calls.reload();
    }, ASK_EVERY_MS);
    return () => clearInterval(asking);
  }, [isLog, calls.reload]);

  const waiting = useRef<Call[]>([]);
  useEffect(() => {
    if (isLog) return;
    const stopWanting = want({ calls: true });
    const stopListening = listen('call', (call) => {
      if (isPaused.peek()) return;
      waiting.current.push(call);
      // A flood between two looks: only the newest can be shown anyway.
      if (waiting.current.length > 2 * KEPT) waiting.current.splice(0, KEPT);
    });
    const showing = setInterval(() => {
      const news = waiting.current.splice(0);
      if (news.length === 0) return;
      calls.update((list) => {
        const shown = withNews(list.calls, news, KEPT);
        return { ...list, calls: shown.filter((call) => passes(call, filter)) };
      });
    }, SHOW_EVERY_MS);
    return () => {
      stopWanting();
      stopListening();
      clearInterval(showing);
      waiting.current = [];
    };
  }, [isLog, filter, calls.update]);

  const more = async (before: string): Promise<void> => {
    try {
      query.set('before', before);
      const next = await request<CallList>(`calls?${query}`);
      isLonger.current = true;
      calls.update((list) => ({ ...next, calls: [...list.calls, ...next.calls] }));
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error), 'bad');
    }
  };
  return (
    <Page
      title="Calls"
      lead="Who called what, how long it took and how it ended. Contents are kept nowhere."
      beside={
        !isLog && (
          <button
            type="button"
            class="button"
            aria-pressed={isPaused.value}
            onClick={() => {
              isPaused.value = !isPaused.value;
              if (!isPaused.value) calls.reload();
            }}
          >
            {isPaused.value ? 'Go on' : 'Pause'}
          </button>
        )
      }
    >
      <CallFilters
        hasLog={calls.value.value?.hasLog ?? true}
        servers={overview.value?.upstreams.map(({ name }) => name) ?? []}
      />
      <Loaded of={calls}>
        {({ calls: shown, next }) => (
          <Card
            title={isLog ? 'From the audit log' : isPaused.value ? 'Paused' : 'Running and newest'}
            isFlush
            beside={<span class="muted small">{counted(shown.length, 'call')}</span>}
          >
            <CallTable of={shown} empty={<Nothing isFiltered={Object.keys(filters).length > 0} />} />
            {next !== undefined && (
              <div class="card-head">
                <button type="button" class="button" onClick={() => void more(next)}>
                  Show older ones
                </button>
              </div>
            )}
          </Card>
        )}
      </Loaded>
    </Page>
  );
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }): JSX.Element {
  if (isFiltered) {
    return (
      <Empty title="No call is like that">
        <button type="button" class="button" onClick={() => replaceFilters('calls', undefined, {})}>
          Show all calls
        </button>
      </Empty>
    );
  }
  return (
    <Empty title="No calls yet">
      They appear here while they run. Connect a client to{' '}
      <code class="wrap">{overview.value?.url ?? 'the gateway'}</code>, or <a href="#/tools">call a tool from here</a>.
    </Empty>
  );
}
