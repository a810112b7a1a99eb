import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { PinApproval, PinForgetting, PinReport, WithheldItem } from '../../src/console/api.ts';
import { listen } from '../api/live.ts';
import { request } from '../api/request.ts';
import { useResource } from '../api/resource.ts';
import { counted } from '../figures.ts';
import { tell } from '../notices.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { Card } from '../parts/card.tsx';
import { DiffView } from '../parts/diff-view.tsx';
import { Empty } from '../parts/empty.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Page } from '../parts/page.tsx';
import { Problem } from '../parts/problem.tsx';
import { whyNotOperator } from '../roles.ts';

const BECAUSE: Readonly<Record<WithheldItem['because'], string>> = {
  new: 'Nobody has approved it yet.',
  changed: 'It has changed since it was approved.',
  ambiguous: 'It cannot be approved: it is offered twice, or an object of it has a key twice.',
};

/** What servers offer that is kept from clients, each with what has changed, until somebody approves it. */
export function PinsPage(): JSX.Element {
  const pins = useResource<PinReport>('pins');
  useEffect(() => listen('upstream', pins.reload), [pins.reload]);
  return (
    <Page title="Pins" lead="What servers offer is served as it was approved. What is new or has changed waits here.">
      <Loaded of={pins}>{(known) => <Report of={known} onChange={(next) => pins.update(() => next)} />}</Loaded>
    </Page>
  );
}

function Report({
  of: { mode, file, failure, pinned, withheld },
  onChange,
}: {
  readonly of: PinReport;
  readonly onChange: (next: PinReport) => void;
}): JSX.Element {
  if (mode === 'off') {
    return (
      <Card title="Pins are off">
        <Empty title="Whatever a server says of its tools is served">
          Set “gateway.pins.mode” to “first-use” in the configuration, and tools that change later wait here.
        </Empty>
      </Card>
    );
  }
  return (
    <>
      {failure !== undefined && <Problem title={failure} />}
      {withheld.every(({ isOffered }) => !isOffered) && failure === undefined && (
        <Card title="Nothing is withheld">
          <Empty title={`${counted(pinned, 'item')} approved`}>
            {file === undefined ? 'They are kept in memory.' : `They are kept in ${file}.`}
          </Empty>
        </Card>
      )}
      {withheld.map((item) => (
        <Withheld
          key={`${item.server} ${item.kind} ${item.name}`}
          of={item}
          why={mode === 'lockfile' ? 'Pins come from a lock file: lockgate pins write' : whyNotOperator()}
          onChange={onChange}
        />
      ))}
    </>
  );
}

function Withheld({
  of: item,
  why,
  onChange,
}: {
  readonly of: WithheldItem;
  readonly why: string | undefined;
  readonly onChange: (next: PinReport) => void;
}): JSX.Element {
  const isBusy = useSignal(false);
  const { server, kind, name, digest, before = '', after, because, findings, isOffered } = item;
  const title = kind === 'instructions' ? `Instructions of ${server}` : `${server}: ${kind} ${visible(name)}`;
  const ask = async (path: string, body: PinApproval | PinForgetting, done: string): Promise<void> => {
    isBusy.value = true;
    try {
      onChange(await request<PinReport>(path, { method: 'POST', body }));
      tell(`${title} is ${done}.`);
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error), 'bad');
    }
    isBusy.value = false;
  };
  const approve = (): Promise<void> =>
    ask('pins/approve', { items: [{ server, kind, name, digest: digest ?? '' }] }, 'approved');
  const forget = (): Promise<void> => ask('pins/forget', { items: [{ server, kind, name }] }, 'forgotten');
  return (
    <Card
      title={title}
      beside={
        <>
          {digest !== undefined && (
            <ActionButton label="Approve" why={why} isBusy={isBusy.value} onPress={() => void approve()} />
          )}
          {!isOffered && <ActionButton label="Forget" why={why} isBusy={isBusy.value} onPress={() => void forget()} />}
        </>
      }
    >
      <p>{BECAUSE[because]}</p>
      {!isOffered && <p>Its server does not offer it to everybody now: to some callers alone, or no longer.</p>}
      {findings.map(({ kind: found, text }) => (
        <p key={found}>
          <strong>{found}:</strong> {text}
        </p>
      ))}
      <DiffView label={`What has changed: ${title}`} before={before} after={after} />
    </Card>
  );
}

/** Characters that nobody sees are written out in what the gateway says, but not in names, by which it is asked. */
function visible(name: string): string {
  return name.replace(/[^\x20-\x7E]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`);
}
