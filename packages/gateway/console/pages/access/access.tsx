import type { JSX } from 'preact';
import type { Access } from '../../../src/console/api.ts';
import { useResource } from '../../api/resource.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { MayForm } from './may-form.tsx';
import { PrincipalTable } from './principal-table.tsx';
import { ProfileTable } from './profile-table.tsx';
import { RoleTable } from './role-table.tsx';

/** Who may come in, what each may use, and why. */
export function AccessPage(): JSX.Element {
  const access = useResource<Access>('access');
  return (
    <Page
      title="Keys and roles"
      lead="Who may come in, and what each may use of what servers offer. Keys are shown by their names alone."
    >
      <Loaded of={access}>
        {(known) => (
          <>
            <MayForm of={known} />
            <PrincipalTable of={known} />
            <RoleTable of={known.roles} />
            <ProfileTable of={known.profiles} />
          </>
        )}
      </Loaded>
    </Page>
  );
}
