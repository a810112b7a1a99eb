import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { UpstreamAction, UpstreamActionAnswer, UpstreamDetail } from '../../src/console/api.ts';
import { request } from '../api/request.ts';
import { tell } from '../notices.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { confirm } from '../parts/confirm.tsx';
import { whyNotOperator } from '../roles.ts';

interface Words {
  readonly label: string;
  /** What is asked first; what cannot disturb a call needs no question. */
  readonly question?: string;
}

const WORDS: Readonly<Record<UpstreamAction, Words>> = {
  restart: {
    label: 'Restart',
    question: 'It is stopped and started anew. Calls that run on it may end with an error.',
  },
  disable: {
    label: 'Disable',
    question:
      'It is stopped, and its tools leave the list of every client until it is enabled again or the gateway restarts.',
  },
  enable: { label: 'Enable' },
  reload: {
    label: 'Reload',
    question: 'Its file is read again. The new version takes over if it can be used; running calls end on the old one.',
  },
  rollback: {
    label: 'Roll back',
    question: 'The version before the live one becomes live again. Running calls end on the version they began with.',
  },
};

/** What an operator may do with a server or plugin now. */
export function ServerActions({
  of,
  onDone,
}: {
  readonly of: UpstreamDetail;
  readonly onDone: () => void;
}): JSX.Element {
  const busy = useSignal<UpstreamAction | undefined>(undefined);
  const act = async (action: UpstreamAction): Promise<void> => {
    const { label, question } = WORDS[action];
    if (question !== undefined && !(await confirm(`${label} ${of.name}?`, question, label))) return;
    busy.value = action;
    try {
      const path = `upstreams/${encodeURIComponent(of.name)}/${action}`;
      tell((await request<UpstreamActionAnswer>(path, { method: 'POST' })).message);
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error), 'bad');
    }
    busy.value = undefined;
    onDone();
  };
  return (
    <>
      {of.actions.map((action) => (
        <ActionButton
          key={action}
          label={WORDS[action].label}
          why={whyNotOperator()}
          isBusy={busy.value !== undefined}
          onPress={() => void act(action)}
        />
      ))}
    </>
  );
}
