import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { CallDetail } from '../../src/console/api.ts';
import { listen, want } from '../api/live.ts';
import { useResource } from '../api/resource.ts';
import { bytes, milliseconds } from '../figures.ts';
import { Card } from '../parts/card.tsx';
import { DecisionView } from '../parts/decision-view.tsx';
import { Empty } from '../parts/empty.tsx';
import { Facts } from '../parts/facts.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Moment } from '../parts/moment.tsx';
import { Page } from '../parts/page.tsx';
import { VerdictBadge } from '../parts/verdict-badge.tsx';
import { Waterfall } from '../parts/waterfall.tsx';
import { linkTo } from '../route.ts';

const PHASES: Readonly<Record<CallDetail['phases'][number]['name'], string>> = {
  route: 'find the server',
  label_agent: 'guard: who asks',
  label_resource: 'guard: what is asked',
  backend: 'the server',
  label_response: 'guard: the answer',
};

/** One call: its phases on one scale, and what the monitor decided. */
export function CallPage({ id }: { readonly id: string }): JSX.Element {
  const call = useResource<CallDetail>(`calls/${encodeURIComponent(id)}`);
  useEffect(() => {
    const stopWanting = want({ calls: true });
    const stopListening = listen('call', (news) => {
      if (news.id === id) call.reload();
    });
    return () => {
      stopWanting();
      stopListening();
    };
  }, [id, call.reload]);
  const known = call.value.value;
  return (
    <Page
      title={known?.target ?? known?.method ?? 'Call'}
      above={<a href={linkTo('calls')}>Calls</a>}
      lead={known && <VerdictBadge of={known.verdict} />}
    >
      <Loaded of={call}>{(one) => <Parts of={one} />}</Loaded>
    </Page>
  );
}

function Parts({ of }: { readonly of: CallDetail }): JSX.Element {
  const phases = of.phases.map((phase) => ({ ...phase, name: PHASES[phase.name] ?? phase.name }));
  return (
    <>
      <Card title="Where the time went">
        {phases.length === 0 ? (
          <Empty title={of.isRunning ? 'It still runs' : 'Its phases are not known'}>
            {of.isRunning
              ? 'The phases are told when it ends.'
              : 'They are kept in memory for the newest calls; the audit log has the whole duration alone.'}
          </Empty>
        ) : (
          <Waterfall
            totalMs={of.durationMs ?? 0}
            of={
              of.durationMs === undefined
                ? phases
                : [{ name: 'the whole call', startMs: 0, durationMs: of.durationMs }, ...phases]
            }
          />
        )}
      </Card>
      <Card title="Facts">
        <Facts
          of={[
            ['Method', <code key="method">{of.method}</code>],
            ['Server', of.server !== undefined && <a href={linkTo('servers', of.server)}>{of.server}</a>],
            ['Caller', of.principal],
            ['Session', of.session !== undefined && <code>{of.session}</code>],
            ['Began', <Moment key="began" at={of.startedAt} />],
            ['Took', of.durationMs === undefined ? undefined : milliseconds(of.durationMs)],
            ['Reason', of.reason],
            ['Request', of.requestBytes === undefined ? undefined : bytes(of.requestBytes)],
            ['Answer', of.responseBytes === undefined ? undefined : bytes(of.responseBytes)],
          ]}
        />
      </Card>
      {of.decision && (
        <Card
          title="What the monitor decided"
          beside={<a href={linkTo('policy', of.decision.id)}>Explain this decision</a>}
        >
          <DecisionView of={of.decision} />
        </Card>
      )}
    </>
  );
}
