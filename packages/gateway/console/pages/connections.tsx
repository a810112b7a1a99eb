import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Connection, ConnectionList, Disconnected } from '../../src/console/api.ts';
import { request } from '../api/request.ts';
import { type Resource, useResource } from '../api/resource.ts';
import { counted } from '../figures.ts';
import { tell } from '../notices.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { Card } from '../parts/card.tsx';
import { confirm } from '../parts/confirm.tsx';
import { Empty } from '../parts/empty.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Moment } from '../parts/moment.tsx';
import { Page } from '../parts/page.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { whyNotOperator } from '../roles.ts';
import { linkTo } from '../route.ts';

/** Logins to servers: whose they are, what they are good for, and their end. */
export function ConnectionsPage(): JSX.Element {
  const connections = useResource<ConnectionList>('connections');
  return (
    <Page
      title="Connections"
      lead="Logins of the gateway to the servers behind it, for all callers or for one of them."
    >
      <Loaded of={connections}>
        {({ connections: all }) => (
          <Card title={counted(all.length, 'login', 'logins')} isFlush>
            <Table
              label="Connections"
              of={all}
              keyOf={({ server, holder }) => `${server} ${holder}`}
              columns={columnsOf(connections)}
              empty={
                <Empty title="Nobody has logged in to a server">
                  A call of a server that wants a login says where; so does <code>lockgate connect</code>.
                </Empty>
              }
            />
          </Card>
        )}
      </Loaded>
    </Page>
  );
}

function columnsOf({ reload }: Resource<ConnectionList>): readonly Column<Connection>[] {
  return [
    { title: 'Server', class: 'name', cell: ({ server }) => <a href={linkTo('servers', server)}>{server}</a> },
    { title: 'Login of', cell: ({ of }) => of },
    {
      title: 'State',
      cell: ({ state }) => <StateBadge tone={state === 'connected' ? 'ok' : 'wait'} word={state} />,
    },
    { title: 'Scopes', isWideOnly: true, cell: ({ scopes = [] }) => (scopes.length === 0 ? '–' : scopes.join(' ')) },
    { title: 'Since', isWideOnly: true, cell: ({ loggedInAt }) => (loggedInAt ? <Moment at={loggedInAt} /> : '–') },
    { title: 'Token ends', isWideOnly: true, cell: (connection) => <Expiry of={connection} /> },
    { title: 'Kept', isWideOnly: true, cell: ({ isKept }) => (isKept ? 'in the vault' : 'in memory') },
    { title: 'Action', cell: (connection) => <DisconnectButton of={connection} onDone={reload} /> },
  ];
}

function Expiry({ of: { expiresAt, isRenewable } }: { readonly of: Connection }): JSX.Element {
  return (
    <>
      {expiresAt === undefined ? '–' : <Moment at={expiresAt} />}
      {isRenewable && ', renewed'}
    </>
  );
}

function DisconnectButton({
  of,
  onDone,
}: {
  readonly of: Connection;
  readonly onDone: () => void;
}): JSX.Element | null {
  const isBusy = useSignal(false);
  if (of.loggedInAt === undefined) return null;
  const disconnect = async (): Promise<void> => {
    const text = `The login of ${of.of} is revoked and forgotten. Calls of ${of.server} need another one.`;
    if (!(await confirm(`Disconnect ${of.server}?`, text, 'Disconnect'))) return;
    isBusy.value = true;
    try {
      const body = { server: of.server, holder: of.holder };
      tell((await request<Disconnected>('connections/disconnect', { method: 'POST', body })).message);
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error), 'bad');
    }
    isBusy.value = false;
    onDone();
  };
  return (
    <ActionButton label="Disconnect" why={whyNotOperator()} isBusy={isBusy.value} onPress={() => void disconnect()} />
  );
}
