import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Tool, ToolList } from '../../src/console/api.ts';
import { listen } from '../api/live.ts';
import { useResource } from '../api/resource.ts';
import { count, counted } from '../figures.ts';
import { replaceFilters, route } from '../navigation.ts';
import { Empty } from '../parts/empty.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Page } from '../parts/page.tsx';
import { linkTo } from '../route.ts';
import { ToolView } from './tool.tsx';

/** Names that are listed at first: some thousands at once make a page slow. */
const LISTED = 250;

/** A server that starts changes the list, and ten that start together change it once. */
const SETTLE_MS = 500;

/** Everything that clients can call: found by name or description, read, and tried. */
export function ToolsPage(): JSX.Element {
  const tools = useResource<ToolList>('tools');
  const { detail } = route.value;
  useEffect(() => {
    let settling: ReturnType<typeof setTimeout> | undefined;
    const end = listen('upstream', () => {
      clearTimeout(settling);
      settling = setTimeout(tools.reload, SETTLE_MS);
    });
    return () => {
      clearTimeout(settling);
      end();
    };
  }, [tools.reload]);
  const known = tools.value.value;
  return (
    <Page
      title={detail ?? 'Tools'}
      lead={
        detail === undefined && known
          ? `${counted(known.tools.length, 'tool')}, under the names that clients see.`
          : undefined
      }
      above={detail !== undefined && <a href={linkTo('tools', undefined, route.value.filters)}>Tools</a>}
    >
      <Loaded of={tools}>
        {({ tools: all }) =>
          all.length === 0 ? (
            <Empty title="No tools are served">
              They appear when a server or plugin runs: <a href={linkTo('servers')}>see how they fare</a>.
            </Empty>
          ) : (
            <div class="list-and-detail">
              <ToolPicker of={all} isBeside={detail !== undefined} />
              <Detail of={all} name={detail} />
            </div>
          )
        }
      </Loaded>
    </Page>
  );
}

function Detail({ of, name }: { readonly of: readonly Tool[]; readonly name: string | undefined }): JSX.Element {
  const tool = of.find((one) => one.name === name);
  if (tool) return <ToolView key={tool.name} of={tool} />;
  return (
    <div class={name === undefined ? 'card wide-only' : 'card'}>
      {name === undefined ? (
        <Empty title="Choose a tool">Its arguments stand here, and a form that calls it.</Empty>
      ) : (
        <Empty title="There is no such tool now">
          Its server may be down, or offers it no longer: <a href={linkTo('servers')}>see how the servers fare</a>.
        </Empty>
      )}
    </div>
  );
}

function ToolPicker({ of, isBeside }: { readonly of: readonly Tool[]; readonly isBeside: boolean }): JSX.Element {
  const isAll = useSignal(false);
  const { detail, filters } = route.value;
  const search = filters.search ?? '';
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [detail]);
  const groups = useMemo(() => grouped(found(of, search)), [of, search]);
  const many = groups.reduce((sum, [, tools]) => sum + tools.length, 0);
  let left = isAll.value ? many : LISTED;
  const shown = groups.flatMap(([server, tools]) => {
    const taken = tools.slice(0, Math.max(0, left));
    left -= taken.length;
    return taken.length > 0 ? [[server, taken] as const] : [];
  });
  return (
    <div class={isBeside ? 'card flush wide-list' : 'card flush'}>
      <div class="card-head at-end">
        <div class="field grow">
          <label for="tool-search">Search names and descriptions</label>
          <input
            id="tool-search"
            class="input"
            type="search"
            value={search}
            onInput={({ currentTarget }) => replaceFilters('tools', detail, { search: currentTarget.value })}
          />
        </div>
        <span class="muted small" role="status">
          {counted(many, 'tool')}
        </span>
      </div>
      {many === 0 && <Empty title={`Nothing has “${search}” in it`}>Shorter words find more.</Empty>}
      <nav class="pick" aria-label="Tools" ref={list}>
        {shown.map(([server, tools]) => (
          <section key={server} aria-label={server}>
            <h2 class="wrap">{server}</h2>
            <ul>
              {tools.map(({ name, ownName, title, description }) => (
                <li key={name}>
                  <a
                    href={linkTo('tools', name, filters)}
                    aria-current={name === detail ? 'true' : undefined}
                    title={name}
                  >
                    <span class="cut mono">{ownName}</span>
                    <span class="cut muted small">{title ?? description ?? ''}</span>
                  </a>
                </li>
              ))}
            </ul>
          </section>
        ))}
        {many > LISTED && !isAll.value && (
          <button type="button" class="button quiet" onClick={() => (isAll.value = true)}>
            Show {count(many - LISTED)} more
          </button>
        )}
      </nav>
    </div>
  );
}

function found(tools: readonly Tool[], search: string): readonly Tool[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return tools;
  return tools.filter(({ name, title = '', description = '' }) => {
    const text = `${name} ${title} ${description}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function grouped(tools: readonly Tool[]): readonly (readonly [string, readonly Tool[]])[] {
  const groups = Map.groupBy(tools, ({ server }) => server);
  return [...groups].toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
}
