import type { ComponentChildren, JSX } from 'preact';
import type { UpstreamSummary } from '../../src/console/api.ts';
import { count } from '../figures.ts';
import { linkTo } from '../route.ts';
import { Ago } from './moment.tsx';
import { type Column, Table } from './table.tsx';
import { UpstreamState } from './upstream-state.tsx';

const COLUMNS: readonly Column<UpstreamSummary>[] = [
  { title: 'Name', class: 'name', cell: (upstream) => <Name of={upstream} /> },
  { title: 'State', cell: (upstream) => <UpstreamState of={upstream} /> },
  { title: 'Since', isWideOnly: true, cell: ({ since }) => (since === undefined ? '–' : <Ago at={since} />) },
  {
    title: 'Speaks',
    isWideOnly: true,
    cell: ({ kind, transport, era }) => (kind === 'plugin' ? 'plugin' : [transport, era].filter(Boolean).join(', ')),
  },
  { title: 'Guard', isWideOnly: true, cell: ({ guard }) => guard ?? '–' },
  { title: 'Tools', isNumber: true, cell: ({ tools }) => count(tools) },
  { title: 'Restarts', isNumber: true, isWideOnly: true, cell: ({ restarts }) => count(restarts) },
];

/** Servers and plugins, each with its state, and with the reason where it does not run. */
export function UpstreamTable({
  of,
  empty,
}: {
  readonly of: readonly UpstreamSummary[];
  readonly empty: ComponentChildren;
}): JSX.Element {
  return <Table label="Servers and plugins" of={of} keyOf={({ name }) => name} columns={COLUMNS} empty={empty} />;
}

function Name({ of }: { readonly of: UpstreamSummary }): JSX.Element {
  return (
    <>
      <a href={linkTo('servers', of.name)}>{of.name}</a>
      {of.reason !== undefined && <div class="small muted wrap">{of.reason}</div>}
      {of.disabledBy !== undefined && (
        <div class="small muted">
          {of.disabledBy === 'console' ? 'disabled here, until the next restart' : 'disabled in the configuration'}
        </div>
      )}
    </>
  );
}
