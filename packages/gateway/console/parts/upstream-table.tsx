import type { JSX } from 'preact';
import type { UpstreamSummary } from '../../src/console/api.ts';
import { count } from '../figures.ts';
import { linkTo } from '../route.ts';
import { Ago } from './moment.tsx';
import { ScrollArea } from './scroll-area.tsx';
import { UpstreamState } from './upstream-state.tsx';

/** Servers and plugins, each with its state, and with the reason where it does not run. */
export function UpstreamTable({ of }: { readonly of: readonly UpstreamSummary[] }): JSX.Element {
  return (
    <ScrollArea label="Servers and plugins">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">State</th>
            <th scope="col" class="wide-only">
              Since
            </th>
            <th scope="col" class="wide-only">
              Speaks
            </th>
            <th scope="col" class="wide-only">
              Guard
            </th>
            <th scope="col" class="num">
              Tools
            </th>
            <th scope="col" class="num wide-only">
              Restarts
            </th>
          </tr>
        </thead>
        <tbody>
          {of.map((upstream) => (
            <Row key={upstream.name} of={upstream} />
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

function Row({ of }: { readonly of: UpstreamSummary }): JSX.Element {
  return (
    <tr>
      <td class="name">
        <a href={linkTo('servers', of.name)}>{of.name}</a>
        {of.reason !== undefined && <div class="small muted wrap">{of.reason}</div>}
        {of.disabledBy !== undefined && (
          <div class="small muted">
            {of.disabledBy === 'console' ? 'disabled here, until the next restart' : 'disabled in the configuration'}
          </div>
        )}
      </td>
      <td>
        <UpstreamState of={of} />
      </td>
      <td class="wide-only">{of.since === undefined ? '–' : <Ago at={of.since} />}</td>
      <td class="wide-only">{of.kind === 'plugin' ? 'plugin' : [of.transport, of.era].filter(Boolean).join(', ')}</td>
      <td class="wide-only">{of.guard ?? '–'}</td>
      <td class="num">{count(of.tools)}</td>
      <td class="num wide-only">{count(of.restarts)}</td>
    </tr>
  );
}
