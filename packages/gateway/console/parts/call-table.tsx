import type { ComponentChildren, JSX } from 'preact';
import type { Call } from '../../src/console/api.ts';
import { bytes, milliseconds } from '../figures.ts';
import { now } from '../gateway-time.ts';
import { linkTo } from '../route.ts';
import { Moment } from './moment.tsx';
import { type Column, Table } from './table.tsx';
import { VerdictBadge } from './verdict-badge.tsx';

const COLUMNS: readonly Column<Call>[] = [
  { title: 'Began', isWideOnly: true, cell: ({ startedAt }) => <Moment at={startedAt} /> },
  { title: 'What', class: 'name', cell: (call) => <What of={call} /> },
  { title: 'Server', isWideOnly: true, cell: ({ server }) => server ?? '–' },
  { title: 'Caller', class: 'wrap', isWideOnly: true, cell: ({ principal }) => principal },
  { title: 'Ended', cell: ({ verdict }) => <VerdictBadge of={verdict} /> },
  {
    title: 'Took',
    isNumber: true,
    cell: ({ durationMs, startedAt }) =>
      durationMs === undefined ? <Running since={startedAt} /> : milliseconds(durationMs),
  },
  {
    title: 'Answer',
    isNumber: true,
    isWideOnly: true,
    cell: ({ responseBytes }) => (responseBytes === undefined ? '–' : bytes(responseBytes)),
  },
];

/** Calls, each with the way to its phases. */
export function CallTable({
  of,
  empty,
}: {
  readonly of: readonly Call[];
  readonly empty: ComponentChildren;
}): JSX.Element {
  return <Table label="Calls" of={of} keyOf={({ id }) => id} columns={COLUMNS} empty={empty} />;
}

function What({ of }: { readonly of: Call }): JSX.Element {
  return (
    <>
      <a href={linkTo('calls', of.id)}>{of.target ?? of.method}</a>
      {of.target !== undefined && <div class="small muted">{of.method}</div>}
      <div class="small muted narrow-only">
        <Moment at={of.startedAt} /> · {of.server ?? 'gateway'} · {of.principal}
      </div>
      {of.reason !== undefined && <div class="small muted wrap">{of.reason}</div>}
    </>
  );
}

function Running({ since }: { readonly since: number }): JSX.Element {
  return <>{milliseconds(Math.max(0, now.value - since))}</>;
}
