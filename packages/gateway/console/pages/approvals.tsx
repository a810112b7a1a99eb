import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ApprovalList, WaitingApproval } from '../../src/console/api.ts';
import { listen, want } from '../api/live.ts';
import { request } from '../api/request.ts';
import { useResource } from '../api/resource.ts';
import { tell } from '../notices.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { Card } from '../parts/card.tsx';
import { Empty } from '../parts/empty.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Page } from '../parts/page.tsx';
import { whyNotOperator } from '../roles.ts';

/** Calls that wait for an operator. A call that was refused so far ends as every call does, which is when to look again. */
export function ApprovalsPage(): JSX.Element {
  const approvals = useResource<ApprovalList>('approvals');
  useEffect(() => {
    const stopWanting = want({ calls: true });
    const stopListening = listen('call', ({ isRunning }) => {
      if (!isRunning) approvals.reload();
    });
    return () => {
      stopWanting();
      stopListening();
    };
  }, [approvals.reload]);
  return (
    <Page title="Approvals" lead="Calls that are made once somebody has allowed them, each for five minutes and once.">
      <Loaded of={approvals}>
        {(known) =>
          known.approvals.length === 0 ? (
            <Card title="Waiting calls">
              <Empty title="No call waits">
                Rules under “gateway.approvals” in the configuration say which calls somebody has to allow.
              </Empty>
            </Card>
          ) : (
            known.approvals.map((one) => <Waiting key={one.id} of={one} onDone={approvals.reload} />)
          )
        }
      </Loaded>
    </Page>
  );
}

const SAID: Readonly<Record<WaitingApproval['state'], string>> = {
  waiting: 'It waits for an operator.',
  approved: 'It is approved and has not been made yet.',
  denied: 'It is denied.',
};

function Waiting({ of: one, onDone }: { readonly of: WaitingApproval; readonly onDone: () => void }): JSX.Element {
  const isBusy = useSignal(false);
  const { id, principal, client, server, tool, leaving = [], state } = one;
  const decide = async (verdict: 'approve' | 'deny'): Promise<void> => {
    isBusy.value = true;
    try {
      await request<WaitingApproval>(`approvals/${encodeURIComponent(id)}/${verdict}`, { method: 'POST' });
      tell(`The call of ${tool} is ${verdict === 'approve' ? 'approved' : 'denied'}.`);
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error), 'bad');
    }
    isBusy.value = false;
    onDone();
  };
  const button = (label: string, verdict: 'approve' | 'deny'): JSX.Element => (
    <ActionButton label={label} why={whyNotOperator()} isBusy={isBusy.value} onPress={() => void decide(verdict)} />
  );
  return (
    <Card
      title={`${server}: ${tool}`}
      beside={
        state === 'waiting' && (
          <span class="actions">
            {button('Approve', 'approve')}
            {button('Deny', 'deny')}
          </span>
        )
      }
    >
      <p>
        Asked by {principal}
        {client !== undefined && `, whose client calls itself ${client}`}. {SAID[state]}
      </p>
      {leaving.length > 0 && (
        <p>
          With it goes what was read of <strong>{leaving.join(', ')}</strong>.
        </p>
      )}
      <p class="mono wrap">{one.arguments}</p>
    </Card>
  );
}
