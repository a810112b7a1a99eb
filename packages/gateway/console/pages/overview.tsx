import type { JSX } from 'preact';
import type { Attention, Overview } from '../../src/console/api.ts';
import { span } from '../../src/console/span.ts';
import { overview, overviewFailure, ticks, troubledFirst } from '../api/overview.ts';
import { bytes, count, counted, milliseconds, rough } from '../figures.ts';
import { now } from '../gateway-time.ts';
import { Card } from '../parts/card.tsx';
import { Chart } from '../parts/chart.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { NothingServed } from '../parts/nothing-served.tsx';
import { Page } from '../parts/page.tsx';
import { Problem } from '../parts/problem.tsx';
import { Prose } from '../parts/prose.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { UpstreamTable } from '../parts/upstream-table.tsx';
import { linkTo } from '../route.ts';

/** Seconds that "calls a second" is the mean of: one alone jumps. */
const MEAN_OF = 10;
/** Servers that the overview names; the page of all has the rest. */
const SHOWN = 8;

/** What is up, since when, how busy it is, and what needs somebody. */
export function OverviewPage(): JSX.Element {
  const told = overview.value;
  return (
    <Page
      title="Overview"
      lead={told && <Address of={told} />}
      beside={told?.url !== undefined && <CopyButton label="Copy address" text={() => told.url ?? ''} />}
    >
      <Loaded of={{ value: overview, failure: overviewFailure }}>
        {(gateway) => (
          <>
            <Attentions of={gateway.attention} />
            <Tiles of={gateway} />
            <Charts />
            <Upstreams of={gateway} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Address({ of }: { readonly of: Overview }): JSX.Element {
  return (
    <>
      {of.url !== undefined && <span class="mono wrap">{of.url}</span>}
      {of.url !== undefined && ' · '}version {of.version} · Node.js {of.nodeVersion} ·{' '}
      {of.processes ? `${counted(of.processes.length, 'process', 'processes')}, kept by process` : 'process'} {of.pid}
    </>
  );
}

function Attentions({ of }: { readonly of: readonly Attention[] }): JSX.Element {
  if (of.length === 0) {
    return (
      <div>
        <StateBadge tone="ok" word="Nothing needs your attention" />
      </div>
    );
  }
  return (
    <Card title={`Needs attention (${count(of.length)})`}>
      {of.map(({ severity, subject, message, remedy }) => (
        <Problem key={`${subject} ${message}`} tone={severity === 'error' ? 'bad' : 'warn'} title={subject}>
          <p>
            <Prose text={message} />
          </p>
          <p>
            <Prose text={remedy} />
          </p>
          <SubjectLink subject={subject} />
        </Problem>
      ))}
    </Card>
  );
}

function SubjectLink({ subject }: { readonly subject: string }): JSX.Element | null {
  if (subject === 'configuration') return <a href={linkTo('configuration')}>Look at the configuration</a>;
  const isUpstream = overview.value?.upstreams.some(({ name }) => name === subject);
  return isUpstream ? <a href={linkTo('servers', subject)}>Look at {subject}</a> : null;
}

function Tiles({ of }: { readonly of: Overview }): JSX.Element {
  const recent = ticks.value.slice(-MEAN_OF);
  const newest = ticks.value.at(-1);
  const rate = recent.length === 0 ? 0 : recent.reduce((sum, { calls }) => sum + calls, 0) / recent.length;
  const up = of.upstreams.filter(({ state }) => state === 'running').length;
  const wanted = of.upstreams.filter(({ state }) => state !== 'disabled').length;
  const p50 = ticks.value.findLast(({ p50Ms }) => p50Ms !== null)?.p50Ms;
  const p99 = ticks.value.findLast(({ p99Ms }) => p99Ms !== null)?.p99Ms;
  const tiles = [
    ['Up for', of.state === 'running' ? span(now.value - of.startedAt) : of.state],
    ['Servers running', `${count(up)} of ${count(wanted)}`],
    ['Calls per second', rough(rate)],
    ['Half within', p50 == null ? '–' : milliseconds(p50)],
    ['99 % within', p99 == null ? '–' : milliseconds(p99)],
    ['Running now', count(newest?.running ?? of.running)],
    ['Sessions', count(newest?.sessions ?? of.sessions)],
    ['Memory', newest ? bytes(newest.rssBytes) : '–'],
    ['Calls', count(of.totals.calls)],
    ['Errors', count(of.totals.errors)],
    ['Withheld', count(of.totals.withheld)],
    ['Denied', count(of.totals.denied)],
  ];
  return (
    <dl class="tiles">
      {tiles.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Charts(): JSX.Element {
  const shown = ticks.value;
  const times = shown.map(({ time }) => time);
  return (
    <div class="halves">
      <Chart
        title="Calls per second"
        times={times}
        figure={rough}
        series={[{ label: 'calls', values: shown.map(({ calls }) => calls) }]}
      />
      <Chart
        title="Duration"
        times={times}
        figure={milliseconds}
        series={[
          { label: 'half within', values: shown.map(({ p50Ms }) => p50Ms) },
          { label: '99 % within', values: shown.map(({ p99Ms }) => p99Ms) },
        ]}
      />
      <Chart
        title="Errors and policy"
        times={times}
        figure={rough}
        series={[
          { label: 'withheld', values: shown.map(({ withheld }) => withheld) },
          { label: 'denied', values: shown.map(({ denied }) => denied) },
          { label: 'errors', values: shown.map(({ errors }) => errors) },
        ]}
      />
      <Chart
        title="Memory"
        times={times}
        figure={bytes}
        series={[
          { label: 'process', values: shown.map(({ rssBytes }) => rssBytes) },
          { label: 'heap', values: shown.map(({ heapBytes }) => heapBytes) },
        ]}
      />
    </div>
  );
}

function Upstreams({ of: { upstreams, configuration } }: { readonly of: Overview }): JSX.Element {
  const more = upstreams.length - SHOWN;
  return (
    <Card
      title="Servers and plugins"
      isFlush
      beside={more > 0 && <a href={linkTo('servers')}>All {counted(upstreams.length, 'entry', 'entries')}</a>}
    >
      <UpstreamTable of={troubledFirst(upstreams).slice(0, SHOWN)} empty={<NothingServed by={configuration} />} />
    </Card>
  );
}
