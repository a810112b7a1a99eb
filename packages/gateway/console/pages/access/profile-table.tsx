import type { JSX } from 'preact';
import type { AccessProfile } from '../../../src/console/api.ts';
import { counted } from '../../figures.ts';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Tags } from '../../parts/tags.tsx';
import { PatternList } from './pattern-list.tsx';

const COLUMNS: readonly Column<AccessProfile>[] = [
  { title: 'Profile', class: 'name', cell: ({ name }) => name },
  { title: 'Endpoint', isWideOnly: true, cell: ({ path }) => <code>{path}</code> },
  { title: 'Servers', cell: ({ servers }) => (servers ? <Tags of={servers} /> : 'all') },
  { title: 'In it', isWideOnly: true, cell: (profile) => <PatternList of={profile} way="allow" none="nothing" /> },
  { title: 'Not in it', isWideOnly: true, cell: (profile) => <PatternList of={profile} way="deny" none="–" /> },
  { title: 'Settings', isWideOnly: true, cell: (profile) => <Tags of={settingsOf(profile)} none="–" /> },
  { title: 'Opened by', cell: ({ roles, limits }) => <OpenedBy roles={roles} limits={limits} /> },
];

/** Parts of what is served that have a name, and who opens them. */
export function ProfileTable({ of }: { readonly of: readonly AccessProfile[] }): JSX.Element {
  return (
    <Card title={counted(of.length, 'profile', 'profiles')} isFlush>
      <Table
        label="Profiles"
        of={of}
        keyOf={({ name }) => name}
        columns={COLUMNS}
        empty={
          <Empty title="There are no profiles">
            A profile is a part of what is served under a name of its own: an endpoint, and what a key or a role opens.
          </Empty>
        }
      />
    </Card>
  );
}

function settingsOf({ discovery, prefix, guardsMode }: AccessProfile): readonly string[] {
  const settings = { discovery, prefix, 'guards at least': guardsMode };
  return Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]));
}

function OpenedBy({ roles, limits }: Pick<AccessProfile, 'roles' | 'limits'>): JSX.Element {
  if (roles.length + limits.length === 0) return <span class="muted">its endpoint alone</span>;
  return (
    <>
      {limits.length > 0 && (
        <div>
          <span class="small muted">limited to it</span>
          <Tags of={limits} />
        </div>
      )}
      {roles.length > 0 && (
        <div>
          <span class="small muted">roles</span>
          <Tags of={roles} />
        </div>
      )}
    </>
  );
}
