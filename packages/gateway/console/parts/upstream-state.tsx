import type { JSX } from 'preact';
import type { UpstreamSummary } from '../../src/console/api.ts';
import { StateBadge, type Tone } from './state-badge.tsx';

const TONES: Readonly<Record<UpstreamSummary['state'], Tone>> = {
  running: 'ok',
  starting: 'wait',
  restarting: 'bad',
  'needs login': 'wait',
  'not loaded': 'bad',
  closed: 'bad',
  disabled: 'idle',
};

/** The state of a server or plugin. */
export function UpstreamState({ of: { state } }: { readonly of: UpstreamSummary }): JSX.Element {
  return <StateBadge tone={TONES[state]} word={state} />;
}
