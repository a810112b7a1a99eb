import type { JSX } from 'preact';
import type { DecisionFacts } from '../../../src/console/api.ts';
import { count } from '../../figures.ts';
import { Card } from '../../parts/card.tsx';
import { DecisionLink } from '../../parts/decision-view.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Moment } from '../../parts/moment.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { VerdictBadge } from '../../parts/verdict-badge.tsx';

const COLUMNS: readonly Column<DecisionFacts>[] = [
  { title: 'When', cell: ({ time }) => <Moment at={time} /> },
  { title: 'Tool', class: 'name', cell: (decision) => <Tool of={decision} /> },
  { title: 'Caller', class: 'wrap', isWideOnly: true, cell: ({ principal }) => principal },
  { title: 'Verdict', cell: (decision) => <Verdict of={decision} /> },
];

/** The newest decisions, each with the way to its explanation. */
export function DecisionTable({ of }: { readonly of: readonly DecisionFacts[] }): JSX.Element {
  return (
    <Card title="Newest decisions" isFlush>
      <Table
        label="Newest decisions"
        of={of}
        keyOf={({ id }) => id}
        columns={COLUMNS}
        isShort
        empty={
          <Empty title="Nothing has been decided yet">
            Each call through a guard, a policy or a limit leaves a line here.
          </Empty>
        }
      />
    </Card>
  );
}

function Tool({ of }: { readonly of: DecisionFacts }): JSX.Element {
  return (
    <>
      <DecisionLink of={of} />
      <div class="small muted wrap">{of.server}</div>
    </>
  );
}

function Verdict({ of: { verdict, withheld = 0, total, reason } }: { readonly of: DecisionFacts }): JSX.Element {
  return (
    <>
      <VerdictBadge of={verdict} />
      {withheld > 0 && (
        <div class="small muted">{`${count(withheld)} of ${count(total ?? withheld)} parts withheld`}</div>
      )}
      {reason !== undefined && <div class="small muted wrap">{reason}</div>}
    </>
  );
}
