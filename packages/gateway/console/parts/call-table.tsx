import type { JSX } from 'preact';
import type { Call } from '../../src/console/api.ts';
import { bytes, milliseconds } from '../figures.ts';
import { now } from '../gateway-time.ts';
import { linkTo } from '../route.ts';
import { Moment } from './moment.tsx';
import { ScrollArea } from './scroll-area.tsx';
import { VerdictBadge } from './verdict-badge.tsx';

/** Calls, each with the way to its phases. */
export function CallTable({ of }: { readonly of: readonly Call[] }): JSX.Element {
  return (
    <ScrollArea label="Calls">
      <table class="table">
        <thead>
          <tr>
            <th scope="col" class="wide-only">
              Began
            </th>
            <th scope="col">What</th>
            <th scope="col" class="wide-only">
              Server
            </th>
            <th scope="col" class="wide-only">
              Caller
            </th>
            <th scope="col">Ended</th>
            <th scope="col" class="num">
              Took
            </th>
            <th scope="col" class="num wide-only">
              Answer
            </th>
          </tr>
        </thead>
        <tbody>
          {of.map((call) => (
            <Row key={call.id} of={call} />
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

function Row({ of }: { readonly of: Call }): JSX.Element {
  return (
    <tr>
      <td class="wide-only">
        <Moment at={of.startedAt} />
      </td>
      <td class="name">
        <a href={linkTo('calls', of.id)}>{of.target ?? of.method}</a>
        {of.target !== undefined && <div class="small muted">{of.method}</div>}
        <div class="small muted narrow-only">
          <Moment at={of.startedAt} /> · {of.server ?? 'gateway'} · {of.principal}
        </div>
        {of.reason !== undefined && <div class="small muted wrap">{of.reason}</div>}
      </td>
      <td class="wide-only">{of.server ?? '–'}</td>
      <td class="wide-only wrap">{of.principal}</td>
      <td>
        <VerdictBadge of={of.verdict} />
      </td>
      <td class="num">
        {of.durationMs === undefined ? <Running since={of.startedAt} /> : milliseconds(of.durationMs)}
      </td>
      <td class="num wide-only">{of.responseBytes === undefined ? '–' : bytes(of.responseBytes)}</td>
    </tr>
  );
}

function Running({ since }: { readonly since: number }): JSX.Element {
  return <>{milliseconds(Math.max(0, now.value - since))}</>;
}
