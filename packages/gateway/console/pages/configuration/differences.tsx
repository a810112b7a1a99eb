import type { JSX } from 'preact';
import type { ConfigurationDifference, EntryDifference } from '../../../src/console/api.ts';
import { Facts } from '../../parts/facts.tsx';
import { Tags } from '../../parts/tags.tsx';

const SECTIONS = {
  mcpServers: 'Servers',
  plugins: 'Plugins',
  guards: 'Guards',
  roles: 'Roles',
  profiles: 'Profiles',
  limits: 'Limits',
} as const;
const WORDS = { added: 'added', removed: 'removed', changed: 'changed' } as const;

/** What a change does to what runs: entries by name, keys of the gateway. */
export function Differences({ of }: { readonly of: ConfigurationDifference | undefined }): JSX.Element {
  const rows = Object.entries(SECTIONS).flatMap(([section, title]) =>
    Object.entries(WORDS).flatMap(([what, word]) => {
      const names = of?.[section as keyof typeof SECTIONS][what as keyof EntryDifference] ?? [];
      return names.length === 0 ? [] : [[`${title} ${word}`, <Tags key={section} of={names} />] as const];
    }),
  );
  const keys = of?.gateway ?? [];
  const all = keys.length === 0 ? rows : [...rows, ['Keys of “gateway”', <Tags key="gateway" of={keys} />] as const];
  return all.length === 0 ? <p class="muted">Nothing that runs changes.</p> : <Facts of={all} />;
}
