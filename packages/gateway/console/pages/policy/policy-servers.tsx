import type { JSX } from 'preact';
import type { Policy, PolicyServer } from '../../../src/console/api.ts';
import { counted } from '../../figures.ts';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { JsonText } from '../../parts/json-text.tsx';
import { Problem } from '../../parts/problem.tsx';
import { ScrollArea } from '../../parts/scroll-area.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { linkTo } from '../../route.ts';

const RULES: Readonly<Record<PolicyServer['rule'], string>> = {
  guard: 'a guard labels it',
  sink: 'output channel',
  open: 'the public internet',
};

/** The rule of each server: who labels it, what it may be told, how often it may be called. */
export function PolicyServers({ of: { servers, guardsMode } }: { readonly of: Policy }): JSX.Element {
  return (
    <Card title="Rules" isFlush beside={<span class="muted small">mode of guards that say none: {guardsMode}</span>}>
      {servers.length === 0 ? (
        <Empty title="No servers">The rule of each server stands here.</Empty>
      ) : (
        <ScrollArea label="Rules of the servers">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Server</th>
                <th scope="col">Rule</th>
                <th scope="col" class="wide-only">
                  Takes secrecy
                </th>
                <th scope="col" class="wide-only">
                  Calls for each session
                </th>
              </tr>
            </thead>
            <tbody>
              {servers.map((server) => (
                <Row key={server.name} of={server} />
              ))}
            </tbody>
          </table>
        </ScrollArea>
      )}
    </Card>
  );
}

function Row({ of }: { readonly of: PolicyServer }): JSX.Element {
  const limits = Object.entries(of.limits).map(([tool, most]) => `${tool}: ${counted(most, 'call')}`);
  return (
    <tr>
      <td class="name">
        <a href={linkTo('servers', of.name)}>{of.name}</a>
      </td>
      <td>
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
      </td>
      <td class="wide-only">
        {of.accepts === undefined ? '–' : of.accepts.length === 0 ? 'none' : of.accepts.join(', ')}
      </td>
      <td class="wide-only">{limits.length === 0 ? 'no limit' : limits.join(', ')}</td>
    </tr>
  );
}
