import type { JSX } from 'preact';
import type { Policy, PolicyServer } from '../../../src/console/api.ts';
import { counted } from '../../figures.ts';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { JsonText } from '../../parts/json-text.tsx';
import { Problem } from '../../parts/problem.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { linkTo } from '../../route.ts';

const RULES: Readonly<Record<PolicyServer['rule'], string>> = {
  guard: 'a guard labels it',
  sink: 'output channel',
  open: 'the public internet',
};

const COLUMNS: readonly Column<PolicyServer>[] = [
  { title: 'Server', class: 'name', cell: ({ name }) => <a href={linkTo('servers', name)}>{name}</a> },
  { title: 'Rule', cell: (server) => <Rule of={server} /> },
  {
    title: 'Takes secrecy',
    isWideOnly: true,
    cell: ({ accepts }) => (accepts === undefined ? '–' : accepts.length === 0 ? 'none' : accepts.join(', ')),
  },
  { title: 'Calls for each session', isWideOnly: true, cell: callsOf },
];

/** The rule of each server: who labels it, what it may be told, how often it may be called. */
export function PolicyServers({ of: { servers, guardsMode } }: { readonly of: Policy }): JSX.Element {
  return (
    <Card title="Rules" isFlush beside={<span class="muted small">mode of guards that say none: {guardsMode}</span>}>
      <Table
        label="Rules of the servers"
        of={servers}
        keyOf={({ name }) => name}
        columns={COLUMNS}
        empty={<Empty title="No servers">The rule of each server stands here.</Empty>}
      />
    </Card>
  );
}

function Rule({ of }: { readonly of: PolicyServer }): JSX.Element {
  return (
    <>
      {RULES[of.rule]}
      {of.guard !== undefined && <> ({of.guard})</>}
      {of.failure !== undefined && (
        <Problem title={of.failure} remedy="As long as the guard fails, every call of this server is denied." />
      )}
      {of.failure === undefined && of.guard !== undefined && (
        <div>
          <StateBadge tone="ok" word="guard in service" />
        </div>
      )}
      {of.policy !== undefined && (
        <details>
          <summary>The policy it is given</summary>
          <JsonText label={`Policy of ${of.name}`} value={of.policy} />
        </details>
      )}
    </>
  );
}

function callsOf({ limits }: PolicyServer): string {
  const all = Object.entries(limits).map(([tool, most]) => `${tool}: ${counted(most, 'call')}`);
  return all.length === 0 ? 'no limit' : all.join(', ');
}
