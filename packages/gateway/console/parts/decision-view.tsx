import type { JSX } from 'preact';
import type { DecisionFacts, Labels } from '../../src/console/api.ts';
import { count, milliseconds } from '../figures.ts';
import { linkTo } from '../route.ts';
import { Facts } from './facts.tsx';
import { Moment } from './moment.tsx';
import { Tags } from './tags.tsx';
import { VerdictBadge } from './verdict-badge.tsx';

/** All that the monitor knew of one call and decided. */
export function DecisionView({ of }: { readonly of: DecisionFacts }): JSX.Element {
  const phases = Object.entries(of.phaseMs).map(([name, took]) => `${name} ${milliseconds(took)}`);
  return (
    <Facts
      of={[
        ['Verdict', <VerdictBadge key="verdict" of={of.verdict} />],
        ['Because', of.reason],
        ['Denied by', of.deniedBy],
        [
          'Withheld',
          of.withheld === undefined ? undefined : `${count(of.withheld)} of ${count(of.total ?? of.withheld)} parts`,
        ],
        ['When', <Moment key="when" at={of.time} />],
        ['Tool', <span key="tool" class="wrap">{`${of.tool} of ${of.server}`}</span>],
        [
          'Beside the call',
          of.channel && `${of.channel.method}, to the ${of.channel.direction === 'up' ? 'server' : 'client'}`,
        ],
        ['Asks to', of.operation],
        ['Mode', of.mode],
        ['Caller', of.session === undefined ? of.principal : `${of.principal}, session ${of.session}`],
        ['Agent before', <LabelsView key="before" of={of.agent} />],
        ['Resource', of.resource && <LabelsView of={of.resource} />],
        ['Agent after', <LabelsView key="after" of={of.agentAfter} />],
        ['Phases', phases.join(', ')],
      ]}
    />
  );
}

/** The two sets of tags of a label. */
export function LabelsView({ of }: { readonly of: Labels }): JSX.Element {
  return (
    <div class="label-pair">
      <span class="muted small">secrecy</span> <Tags of={of.secrecy} />
      <span class="muted small">integrity</span> <Tags of={of.integrity} />
    </div>
  );
}

/** Names a decision and leads to its explanation. */
export function DecisionLink({ of }: { readonly of: DecisionFacts }): JSX.Element {
  return (
    <a href={linkTo('policy', of.id)}>
      {of.channel === undefined ? of.tool : `${of.channel.method} beside ${of.tool}`}
    </a>
  );
}
