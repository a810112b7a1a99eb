import { effect, signal } from '@preact/signals';
import type { Events } from '../../src/console/api.ts';
import { session } from './credentials.ts';
import { ask } from './session.ts';

type Topic = 'tick' | 'upstream' | 'call' | 'log';

/** What the page that is open wants beside ticks and states. */
interface Wanted {
  readonly calls: boolean;
  /** Lines of the log that name this server. */
  readonly logOf?: string;
}

/** Whether what is shown is of now. */
export const liveState = signal<'opening' | 'live' | 'lost'>('opening');

/** Rises each time that something may have been missed: whoever shows data asks for it again. */
export const missed = signal(0);

const wanted = signal(addressOf({ calls: false }));
const isAway = signal(false);
const handlers: { readonly [T in Topic]: Set<(data: Events[T]) => void> } = {
  tick: new Set(),
  upstream: new Set(),
  call: new Set(),
  log: new Set(),
};

/** Where the newest stream is. */
let lastId = '';

/** A browser keeps few connections to one address open, for all tabs together: who is not looked at gives its own back. */
const AWAY_MS = 30_000;
const RETRY_MS = 3_000;

/** Hears one kind of event until the function that it returns is called. */
export function listen<T extends Topic>(topic: T, handler: (data: Events[T]) => void): () => void {
  const of = handlers[topic] as Set<(data: Events[T]) => void>;
  of.add(handler);
  return () => of.delete(handler);
}

/** Asks for calls, or the log of a server, until the function that it returns is called. One page at a time. */
export function want(topics: Wanted): () => void {
  wantSoon(topics);
  return () => wantSoon({ calls: false });
}

let changing: ReturnType<typeof setTimeout> | undefined;

/** One page goes and the next comes in the same moment: the stream is opened anew once for both. */
function wantSoon(topics: Wanted): void {
  clearTimeout(changing);
  changing = setTimeout(() => {
    wanted.value = addressOf(topics);
  });
}

/** Keeps one stream of events open while somebody is signed in and looks. */
export function startLive(): void {
  let leaving: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(leaving);
    if (!document.hidden) isAway.value = false;
    else leaving = setTimeout(() => (isAway.value = true), AWAY_MS);
  });
  effect(() => {
    if (!session.value?.signedIn || isAway.value) return;
    return open(wanted.value);
  });
}

function addressOf({ calls, logOf }: Wanted): string {
  const topics = ['tick', 'upstream', ...(calls ? ['call'] : []), ...(logOf === undefined ? [] : ['log'])];
  const query = new URLSearchParams({ topics: topics.join(',') });
  if (logOf !== undefined) query.set('server', logOf);
  return `/console/api/events?${query}`;
}

/** Opens a stream, again and again where it breaks; the function that it returns ends that. It goes on where the one before it ended. */
function open(address: string): () => void {
  let source: EventSource;
  let retry: ReturnType<typeof setTimeout> | undefined;
  const connect = (): void => {
    const after = lastId === '' ? '' : `&after=${encodeURIComponent(lastId)}`;
    source = new EventSource(address + after);
    source.onopen = () => {
      liveState.value = 'live';
      if (after === '') missed.value++;
    };
    source.onerror = () => {
      liveState.value = 'lost';
      // The browser tries again by itself, except after an answer that is no stream.
      if (source.readyState !== EventSource.CLOSED) return;
      retry = setTimeout(connect, RETRY_MS);
      void ask();
    };
    for (const topic of ['tick', 'upstream', 'call', 'log'] as const) hand(source, topic);
    source.addEventListener('gap', ({ lastEventId }) => {
      lastId = lastEventId;
      missed.value++;
    });
    source.addEventListener('end', () => {
      source.close();
      void ask();
      retry = setTimeout(connect, RETRY_MS);
    });
  };
  connect();
  return () => {
    clearTimeout(retry);
    source.close();
  };
}

function hand<T extends Topic>(source: EventSource, topic: T): void {
  source.addEventListener(topic, ({ data, lastEventId }: MessageEvent<string>) => {
    lastId = lastEventId;
    if (topic === 'upstream' && isKnown(data)) return;
    const told = JSON.parse(data) as Events[T];
    for (const handler of handlers[topic] as Set<(data: Events[T]) => void>) handler(told);
  });
}

const states = new Map<string, string>();

/** A stream that goes on tells all states once more. */
function isKnown(upstream: string): boolean {
  const { name } = JSON.parse(upstream) as Events['upstream'];
  const known = states.get(name);
  states.set(name, upstream);
  return known === upstream;
}
