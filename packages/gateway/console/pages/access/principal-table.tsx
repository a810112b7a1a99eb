import type { JSX } from 'preact';
import type { Access, AccessPrincipal } from '../../../src/console/api.ts';
import { counted } from '../../figures.ts';
import { Card } from '../../parts/card.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Tags } from '../../parts/tags.tsx';
import { linkTo } from '../../route.ts';

const COLUMNS: readonly Column<AccessPrincipal>[] = [
  { title: 'Name', class: 'name', cell: ({ name }) => name },
  { title: 'Is', isWideOnly: true, cell: ({ what }) => what },
  { title: 'Servers', isWideOnly: true, cell: ({ servers }) => (servers ? <Tags of={servers} /> : 'all') },
  { title: 'Roles', cell: ({ roles }) => <Roles of={roles} /> },
  { title: 'Limited to', cell: ({ profile }) => profile ?? '–' },
  { title: 'Console', isWideOnly: true, cell: ({ admin }) => admin ?? '–' },
];

/** Keys, claims of tokens and certificates, and what each has. */
export function PrincipalTable({ of: { principals, isOpen } }: { readonly of: Access }): JSX.Element {
  return (
    <Card title={`Who comes in: ${counted(principals.length, 'name', 'names')}`} isFlush>
      {isOpen && (
        <p>Nobody is asked: whoever reaches the gateway comes in. To ask for a key, write one under “gateway.auth”.</p>
      )}
      <Table
        label="Who comes in"
        of={principals}
        keyOf={({ name }) => name}
        columns={COLUMNS}
        empty={null}
        isShort={principals.length > MANY}
      />
    </Card>
  );
}

/** Rows from which a table scrolls by itself. */
const MANY = 20;

function Roles({ of }: { readonly of: readonly string[] | undefined }): JSX.Element {
  if (of === undefined) return <span class="muted">none: everything it sees</span>;
  if (of.length === 0) return <span class="muted">nothing at all</span>;
  return (
    <ul class="tags">
      {of.map((role) => (
        <li key={role} class="tag">
          <a href={linkTo('access', undefined, { role })}>{role}</a>
        </li>
      ))}
    </ul>
  );
}
