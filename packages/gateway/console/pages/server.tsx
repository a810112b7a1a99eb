import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { ToolList, UpstreamDetail } from '../../src/console/api.ts';
import { listen, want } from '../api/live.ts';
import { type Resource, useResource } from '../api/resource.ts';
import { count, counted } from '../figures.ts';
import { Card } from '../parts/card.tsx';
import { Empty } from '../parts/empty.tsx';
import { Facts } from '../parts/facts.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { LogLines } from '../parts/log-lines.tsx';
import { logText } from '../parts/log-text.ts';
import { Ago, Moment } from '../parts/moment.tsx';
import { Page } from '../parts/page.tsx';
import { Problem } from '../parts/problem.tsx';
import { UpstreamState } from '../parts/upstream-state.tsx';
import { linkTo } from '../route.ts';
import { ServerActions } from './server-actions.tsx';

/** Lines of the log that the page keeps. */
const KEPT_LINES = 500;

/** One server or plugin: how it fares, what it wrote, what can be done. */
export function ServerPage({ name }: { readonly name: string }): JSX.Element {
  const detail = useResource<UpstreamDetail>(`upstreams/${encodeURIComponent(name)}`);
  useNews(name, detail);
  const known = detail.value.value;
  return (
    <Page
      title={name}
      above={<a href={linkTo('servers')}>Servers and plugins</a>}
      lead={known && <UpstreamState of={known} />}
      beside={known && <ServerActions of={known} onDone={detail.reload} />}
    >
      <Loaded of={detail}>
        {(upstream) => (
          <>
            {upstream.reason !== undefined && (
              <Problem title={upstream.reason} tone={upstream.state === 'disabled' ? 'note' : 'bad'} />
            )}
            <div class="halves">
              <About of={upstream} />
              {upstream.plugin ? <Versions of={upstream.plugin} /> : <Written of={upstream} />}
            </div>
            {upstream.plugin && upstream.stderr && upstream.stderr.length > 0 && <Written of={upstream} />}
            <Log of={upstream} />
            <Offered of={upstream} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** Keeps the page of now: a changed state asks again, a line of the log is added. */
function useNews(name: string, { reload, update }: Resource<UpstreamDetail>): void {
  useEffect(() => {
    const ends = [
      want({ calls: false, logOf: name }),
      listen('upstream', (changed) => {
        if (changed.name === name) reload();
      }),
      listen('log', (line) => {
        update((upstream) =>
          upstream.log.some(({ id }) => id === line.id)
            ? upstream
            : { ...upstream, log: [...upstream.log, line].slice(-KEPT_LINES) },
        );
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [name, reload, update]);
}

function About({ of }: { readonly of: UpstreamDetail }): JSX.Element {
  const itself = [of.serverInfo?.title ?? of.serverInfo?.name, of.serverInfo?.version].filter(Boolean).join(' ');
  return (
    <Card title="About">
      <Facts
        of={[
          ['Kind', of.kind === 'plugin' ? 'plugin' : `server over ${of.transport}`],
          ['Calls itself', itself],
          ['Era', of.era],
          ['In this state for', of.since !== undefined && <Ago at={of.since} />],
          ['Restarts', count(of.restarts)],
          ['Calls running', count(of.running)],
          ['Guard', of.guard ?? 'none'],
          [
            'Offers',
            `${counted(of.tools, 'tool')}, ${counted(of.resources, 'resource')}, ${counted(of.prompts, 'prompt')}`,
          ],
        ]}
      />
      {of.instructions !== undefined && (
        <details>
          <summary>Its instructions to models</summary>
          <p class="lines">{of.instructions}</p>
        </details>
      )}
    </Card>
  );
}

function Versions({ of }: { readonly of: NonNullable<UpstreamDetail['plugin']> }): JSX.Element {
  return (
    <Card title="Versions">
      {of.lastError !== null && <Problem title={of.lastError} tone="warn" />}
      <Facts
        of={[
          ['State', of.state],
          ['From', <code key="source">{of.source}</code>],
          ['Live version', of.live && `${of.live.version ?? 'unnamed'}, generation ${count(of.live.generation)}`],
          ['Loaded at', of.live && <Moment at={of.live.loadedAt} />],
          ['SHA-256', of.live && <code>{of.live.digest}</code>],
          ['To roll back to', of.kept === 0 ? 'none' : counted(of.kept, 'version')],
        ]}
      />
    </Card>
  );
}

function Written({ of: { stderr, guard, transport } }: { readonly of: UpstreamDetail }): JSX.Element {
  return (
    <Card title="Written to stderr">
      {stderr && stderr.length > 0 ? (
        <LogLines
          label="Lines written to stderr"
          of={stderr.map(({ time, text }, index) => ({ key: `${time} ${index}`, time, text }))}
        />
      ) : (
        <Empty title="No lines">
          {stderr === undefined && guard !== undefined
            ? `The guard ${guard} decides on what this server says, so its lines are not shown.`
            : transport === 'stdio'
              ? 'It has written nothing yet.'
              : 'Only servers that the gateway starts as a program have a stderr.'}
        </Empty>
      )}
    </Card>
  );
}

function Log({ of: { log } }: { readonly of: UpstreamDetail }): JSX.Element {
  const lines = useMemo(
    () =>
      log.map((line) => {
        return {
          key: line.id,
          time: line.time,
          text: logText(line),
          isBad: line.level === 'error' || line.level === 'warn',
        };
      }),
    [log],
  );
  return (
    <Card title="The gateway's log of it">
      {lines.length > 0 ? (
        <LogLines label="Lines of the log" of={lines} />
      ) : (
        <Empty title="No lines">What becomes of it from now on stands here.</Empty>
      )}
    </Card>
  );
}

function Offered({ of }: { readonly of: UpstreamDetail }): JSX.Element {
  const tools = useResource<ToolList>('tools');
  return (
    <Card title="Tools">
      <Loaded of={tools}>
        {({ tools: all }) => {
          const own = all.filter(({ server }) => server === of.name);
          if (own.length === 0)
            return (
              <Empty title="No tools">
                {of.state === 'running' ? 'It offers none.' : 'They come back when it runs.'}
              </Empty>
            );
          return (
            <ul class="tree">
              {own.map(({ name, title, description }) => (
                <li key={name}>
                  <a class="mono wrap" href={linkTo('tools', name)}>
                    {name}
                  </a>{' '}
                  {title}
                  {description !== undefined && (
                    <span class="cut muted small" title={description}>
                      {description}
                    </span>
                  )}
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Card>
  );
}
