import { servesConsole } from './access/serves-console.ts';
import type { GatewaySection } from './config/gateway-section.ts';
import type { Console } from './console/console.ts';
import type { ConsoleSources, ConsoleSupport } from './console/console-sources.ts';
import type { ConsoleWatch } from './console/console-watch.ts';

type Effects = Pick<ConsoleSources, 'now' | 'monotonicNow' | 'fetch'>;

/** A console before its gateway is there: what it watches begins with the first request. */
export interface OpenedConsole {
  readonly watch: ConsoleWatch;
  make(sources: Omit<ConsoleSources, keyof Effects>): Console;
  /** Opens the admin socket of the one that was made. Never rejects: a gateway goes on without. */
  openSocket(): Promise<void>;
}

/** Loads the console, which a gateway without one never needs. Calls are watched only where it is served: elsewhere they cost nothing. */
export async function openConsole(support: ConsoleSupport, gateway: GatewaySection): Promise<OpenedConsole> {
  const [{ Console }, { openWatch }] = await Promise.all([
    import('./console/console.ts'),
    import('./console/console-watch.ts'),
  ]);
  const effects: Effects = {
    now: Date.now,
    monotonicNow: () => performance.now(),
    fetch: (url, init) => globalThis.fetch(url, init),
  };
  const watch = openWatch(effects, servesConsole(gateway));
  let made: Console | undefined;
  return {
    watch,
    make: (sources) => {
      made = new Console({ ...sources, ...effects }, support, watch);
      return made;
    },
    openSocket: async () => made?.openSocket(),
  };
}
