import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Policy } from '../../../src/console/api.ts';
import { listen, want } from '../../api/live.ts';
import { useResource } from '../../api/resource.ts';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { AgentTable } from './agent-table.tsx';
import { DecisionTable } from './decision-table.tsx';
import { FlowPicture } from './flow-picture.tsx';
import { PolicyServers } from './policy-servers.tsx';
import { TryForm } from './try-form.tsx';

/** Calls bring decisions; while they come in, the page asks again this often. */
const ASK_EVERY_MS = 2_000;

/** What may flow where: the rules, who has read what, where that may go, and why it was decided so. */
export function PolicyPage(): JSX.Element {
  const policy = useResource<Policy>('policy');
  useEffect(() => {
    let asking: ReturnType<typeof setTimeout> | undefined;
    const stopWanting = want({ calls: true });
    const stopListening = listen('call', ({ isRunning }) => {
      if (isRunning || asking !== undefined) return;
      asking = setTimeout(() => {
        asking = undefined;
        policy.reload();
      }, ASK_EVERY_MS);
    });
    return () => {
      clearTimeout(asking);
      stopWanting();
      stopListening();
    };
  }, [policy.reload]);
  return (
    <Page
      title="Policy"
      lead="The reference monitor labels who reads and what is read, and lets nothing flow where its labels forbid it."
    >
      <Loaded of={policy}>
        {(known) => (
          <>
            {!known.isActive && (
              <Card title="Nothing is labelled">
                <Empty title="No server has a guard, a policy or a call limit">
                  Every call passes unseen by the monitor. To put a guard before a server, name its module under
                  “guards” and then in the server's “guard”; a limit stands in “tool-call-limits”.
                </Empty>
              </Card>
            )}
            <PolicyServers of={known} />
            {known.isActive && (
              <>
                <FlowPicture of={known} />
                <AgentTable of={known.agents} />
                <DecisionTable of={known.decisions} />
              </>
            )}
            <TryForm />
          </>
        )}
      </Loaded>
    </Page>
  );
}
