import type { JSX } from 'preact';
import type { Agent } from '../../../src/console/api.ts';
import { Card } from '../../parts/card.tsx';
import { LabelsView } from '../../parts/decision-view.tsx';
import { Empty } from '../../parts/empty.tsx';
import { type Column, Table } from '../../parts/table.tsx';

const COLUMNS: readonly Column<Agent>[] = [
  { title: 'Caller', class: 'name', cell: (agent) => <Caller of={agent} /> },
  { title: 'Labels', cell: (agent) => <LabelsView of={agent} /> },
  { title: 'May not write to', class: 'wrap', isWideOnly: true, cell: closedTo },
];

/** Who carries which labels now, and where that closes the way. */
export function AgentTable({ of }: { readonly of: readonly Agent[] }): JSX.Element {
  return (
    <Card title="Sessions and their labels" isFlush>
      <Table
        label="Sessions and their labels"
        of={of}
        keyOf={({ principal, session }) => `${principal} ${session}`}
        columns={COLUMNS}
        empty={
          <Empty title="Nobody carries labels">
            A client that calls through a guard stands here with what it has read.
          </Empty>
        }
      />
    </Card>
  );
}

function Caller({ of }: { readonly of: Agent }): JSX.Element {
  return (
    <>
      {of.principal}
      <div class="small muted wrap">{[of.client?.name, of.client?.version].filter(Boolean).join(' ')}</div>
      <div class="small muted wrap">
        {of.session === undefined ? 'requests without a session' : `session ${of.session}`}
      </div>
    </>
  );
}

function closedTo({ writes }: Agent): string {
  const closed = writes.filter(({ verdict }) => verdict === 'denied').map(({ server }) => server);
  return closed.length === 0 ? 'free to write everywhere' : closed.join(', ');
}
