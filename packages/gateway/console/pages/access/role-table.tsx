import type { JSX } from 'preact';
import type { AccessRole } from '../../../src/console/api.ts';
import { counted } from '../../figures.ts';
import { replaceFilters, route } from '../../navigation.ts';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Tags } from '../../parts/tags.tsx';
import { PatternList } from './pattern-list.tsx';

const COLUMNS: readonly Column<AccessRole>[] = [
  { title: 'Role', class: 'name', cell: ({ name }) => name },
  { title: 'May use', cell: (role) => <PatternList of={role} way="allow" none="nothing of its own" /> },
  { title: 'Never', isWideOnly: true, cell: (role) => <PatternList of={role} way="deny" none="–" /> },
  { title: 'All of the profiles', isWideOnly: true, cell: ({ profiles }) => <Tags of={profiles} none="–" /> },
  { title: 'Given to', cell: ({ of }) => <Tags of={of} none="nobody" /> },
];

/** What each role allows and denies, and who has it. Part of a name, kept in the address, narrows it. */
export function RoleTable({ of }: { readonly of: readonly AccessRole[] }): JSX.Element {
  const { filters } = route.value;
  const wanted = filters.role ?? '';
  const shown = of.filter(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()));
  return (
    <Card
      title={counted(of.length, 'role', 'roles')}
      isFlush
      beside={
        of.length > 0 && (
          <form class="filters" aria-label="Which roles" onSubmit={(event) => event.preventDefault()}>
            <div class="field">
              <label for="role">Name contains</label>
              <input
                id="role"
                class="input"
                type="search"
                autocomplete="off"
                value={wanted}
                onInput={({ currentTarget }) =>
                  replaceFilters('access', undefined, { ...filters, role: currentTarget.value })
                }
              />
            </div>
          </form>
        )
      }
    >
      <Table
        label="Roles"
        of={shown}
        keyOf={({ name }) => name}
        columns={COLUMNS}
        empty={
          of.length === 0 ? (
            <Empty title="There are no roles">
              Every key may use everything of the servers that it sees. To give one less, write what it may use under
              “roles”, and the role's name in the “roles” of the key.
            </Empty>
          ) : (
            <Empty title="No role has such a name">Its name has to contain “{wanted}”.</Empty>
          )
        }
      />
    </Card>
  );
}
