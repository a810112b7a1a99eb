import type { JSX } from 'preact';
import type { DecisionFacts } from '../../../src/console/api.ts';
import { count } from '../../figures.ts';
import { Card } from '../../parts/card.tsx';
import { DecisionLink } from '../../parts/decision-view.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Moment } from '../../parts/moment.tsx';
import { ScrollArea } from '../../parts/scroll-area.tsx';
import { VerdictBadge } from '../../parts/verdict-badge.tsx';

/** The newest decisions, each with the way to its explanation. */
export function DecisionTable({ of }: { readonly of: readonly DecisionFacts[] }): JSX.Element {
  return (
    <Card title="Newest decisions" isFlush>
      {of.length === 0 ? (
        <Empty title="Nothing has been decided yet">
          Each call through a guard, a policy or a limit leaves a line here.
        </Empty>
      ) : (
        <ScrollArea label="Newest decisions" class="scroll short">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Tool</th>
                <th scope="col" class="wide-only">
                  Caller
                </th>
                <th scope="col">Verdict</th>
              </tr>
            </thead>
            <tbody>
              {of.map((decision) => (
                <tr key={decision.id}>
                  <td>
                    <Moment at={decision.time} />
                  </td>
                  <td class="name">
                    <DecisionLink of={decision} />
                    <div class="small muted wrap">{decision.server}</div>
                  </td>
                  <td class="wide-only wrap">{decision.principal}</td>
                  <td>
                    <VerdictBadge of={decision.verdict} />
                    {decision.withheld !== undefined && decision.withheld > 0 && (
                      <div class="small muted">{`${count(decision.withheld)} of ${count(decision.total ?? decision.withheld)} parts withheld`}</div>
                    )}
                    {decision.reason !== undefined && <div class="small muted wrap">{decision.reason}</div>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollArea>
      )}
    </Card>
  );
}
