import { computed, effect, signal } from '@preact/signals';
import type { Overview, Tick, UpstreamSummary } from '../../src/console/api.ts';
import { setGatewayTime } from '../gateway-time.ts';
import { session } from './credentials.ts';
import { listen, missed } from './live.ts';
import { ApiFailure, request } from './request.ts';

/** What the gateway says of itself. Every page's frame shows a part of it, so it is kept for all. */
export const overview = signal<Overview | undefined>(undefined);
export const overviewFailure = signal<ApiFailure | undefined>(undefined);

/** Seconds that the charts show. */
const SHOWN_TICKS = 300;

/** The newest seconds, the oldest first. */
export const ticks = signal<readonly Tick[]>([]);

/** Servers and plugins that should run and do not. */
export const troubled = computed(() => overview.value?.upstreams.filter(isTroubled).length ?? 0);

export function isTroubled({ state, reason }: UpstreamSummary): boolean {
  return state === 'restarting' || state === 'closed' || (state === 'starting' && reason !== undefined);
}

/** Those that should run and do not stand first; the rest is in order of names. */
export function troubledFirst(upstreams: readonly UpstreamSummary[]): readonly UpstreamSummary[] {
  return upstreams.toSorted(
    (a, b) => Number(isTroubled(b)) - Number(isTroubled(a)) || a.name.localeCompare(b.name, 'en', { numeric: true }),
  );
}

/** Begins to follow the gateway. What needs attention is worked out by it, so a changed state asks for it again. */
export function startOverview(): void {
  let asking: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    missed.value;
    if (session.value?.signedIn) void load();
  });
  listen('tick', (tick) => {
    // A stream that was just opened may tell once more what was asked for meanwhile.
    if (tick.time > (ticks.peek().at(-1)?.time ?? 0)) ticks.value = [...ticks.value, tick].slice(-SHOWN_TICKS);
  });
  listen('upstream', (changed) => {
    const known = overview.peek();
    if (!known) return;
    overview.value = { ...known, upstreams: withChanged(known.upstreams, changed) };
    clearTimeout(asking);
    asking = setTimeout(() => void load(), 300);
  });
}

async function load(): Promise<void> {
  try {
    const told = await request<Overview>('overview');
    overview.value = told;
    overviewFailure.value = undefined;
    ticks.value = told.ticks.slice(-SHOWN_TICKS);
    setGatewayTime(told.startedAt + told.uptimeMs);
  } catch (error) {
    if (error instanceof ApiFailure) overviewFailure.value = error;
    else throw error;
  }
}

function withChanged(upstreams: readonly UpstreamSummary[], changed: UpstreamSummary): readonly UpstreamSummary[] {
  const index = upstreams.findIndex(({ name }) => name === changed.name);
  return index === -1 ? [...upstreams, changed] : upstreams.with(index, changed);
}
