import type { JSX } from 'preact';
import type { Agent } from '../../../src/console/api.ts';
import { Card } from '../../parts/card.tsx';
import { LabelsView } from '../../parts/decision-view.tsx';
import { Empty } from '../../parts/empty.tsx';
import { ScrollArea } from '../../parts/scroll-area.tsx';

/** Who carries which labels now, and where that closes the way. */
export function AgentTable({ of }: { readonly of: readonly Agent[] }): JSX.Element {
  return (
    <Card title="Sessions and their labels" isFlush>
      {of.length === 0 ? (
        <Empty title="Nobody carries labels">
          A client that calls through a guard stands here with what it has read.
        </Empty>
      ) : (
        <ScrollArea label="Sessions and their labels">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Caller</th>
                <th scope="col">Labels</th>
                <th scope="col" class="wide-only">
                  May not write to
                </th>
              </tr>
            </thead>
            <tbody>
              {of.map((agent) => (
                <Row key={`${agent.principal} ${agent.session}`} of={agent} />
              ))}
            </tbody>
          </table>
        </ScrollArea>
      )}
    </Card>
  );
}

function Row({ of }: { readonly of: Agent }): JSX.Element {
  const closed = of.writes.filter(({ verdict }) => verdict === 'denied').map(({ server }) => server);
  const client = [of.client?.name, of.client?.version].filter(Boolean).join(' ');
  return (
    <tr>
      <td class="name">
        {of.principal}
        <div class="small muted wrap">{client}</div>
        <div class="small muted wrap">
          {of.session === undefined ? 'requests without a session' : `session ${of.session}`}
        </div>
      </td>
      <td>
        <LabelsView of={of} />
      </td>
      <td class="wide-only wrap">{closed.length === 0 ? 'free to write everywhere' : closed.join(', ')}</td>
    </tr>
  );
}
