import type { JSX } from 'preact';
import type { AccessPatternsOfKinds } from '../../../src/console/api.ts';
import { Tags } from '../../parts/tags.tsx';

const KINDS = ['tools', 'resources', 'prompts'] as const;

/** What of each kind is allowed, or denied: its patterns, and nothing of kinds that have none. */
export function PatternList({
  of,
  way,
  none,
}: {
  readonly of: AccessPatternsOfKinds;
  readonly way: 'allow' | 'deny';
  readonly none: string;
}): JSX.Element {
  const kinds = KINDS.filter((kind) => of[kind][way].length > 0);
  if (kinds.length === 0) return <span class="muted">{none}</span>;
  return (
    <>
      {kinds.map((kind) => (
        <div key={kind}>
          <span class="small muted">{kind}</span>
          <Tags of={of[kind][way]} />
        </div>
      ))}
    </>
  );
}
