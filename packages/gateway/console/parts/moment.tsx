import type { JSX } from 'preact';
import { span } from '../../src/console/span.ts';
import { now } from '../gateway-time.ts';

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const WHOLE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** When something was, by this browser's clock and zone; the whole date in the title. */
export function Moment({ at }: { readonly at: number }): JSX.Element {
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={WHOLE.format(date)}>
      {CLOCK.format(date)}
    </time>
  );
}

/** How long ago it was. */
export function Ago({ at }: { readonly at: number }): JSX.Element {
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={WHOLE.format(date)}>
      {span(now.value - at)}
    </time>
  );
}
