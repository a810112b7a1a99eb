import type { JSX } from 'preact';
import type { DecisionFacts, Verdict } from '../../src/console/api.ts';
import { StateBadge, type Tone } from './state-badge.tsx';

const TONES: Readonly<Record<Verdict | DecisionFacts['verdict'], Tone>> = {
  ok: 'ok',
  allowed: 'ok',
  filtered: 'warn',
  denied: 'bad',
  error: 'bad',
  failed: 'bad',
  cancelled: 'idle',
};

/** How a call ended, or what the monitor decided; a call without a verdict still runs. */
export function VerdictBadge({ of }: { readonly of: Verdict | DecisionFacts['verdict'] | undefined }): JSX.Element {
  return of === undefined ? <StateBadge tone="wait" word="running" /> : <StateBadge tone={TONES[of]} word={of} />;
}
