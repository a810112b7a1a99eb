import { createRuntime, type Guard, type Isolation, type Plugin, type PluginOptions } from '@lockgate/runtime';
import {
  backendGuard,
  chattyGuest,
  echoGuest,
  endlessGuest,
  exitingGuest,
  fetchEchoGuest,
  greedyGuest,
  guardGuest,
  lyingSpanGuest,
  recursingGuest,
  trappingGuest,
} from '@lockgate/testkit';
import type { BackEnd } from './back-end.ts';
import { LINES_OF_A_CALL, LogWitness } from './log-witness.ts';
import { Versions } from './versions.ts';

const MIB = 1_048_576;
/** Long enough that nothing else is stopped by it, also where other programs have the processors. */
const DEADLINE_MS = 2_000;
/** What the small guest may grow to, in pages of 64 KiB: 1 MiB. */
const SMALL_PAGES = 16;

/** The labels of a request that speaks of something private. */
export const PRIVATE = {
  resource: { description: 'private', secrecy: ['private'], integrity: [] },
  operation: 'read',
} as const;

const PLUGINS = {
  steady: [() => echoGuest(), { instances: { max: 2 }, maxMessageBytes: 2 * MIB }],
  waiting: [() => fetchEchoGuest(), { instances: { max: 4 } }],
  stuck: [() => fetchEchoGuest(), { instances: { max: 4 }, callTimeoutMs: DEADLINE_MS }],
  looping: [() => endlessGuest(), { instances: { max: 4 }, callTimeoutMs: DEADLINE_MS }],
  trapping: [() => trappingGuest(), { instances: { max: 2 } }],
  recursing: [() => recursingGuest(), {}],
  exiting: [() => exitingGuest(), {}],
  lying: [() => lyingSpanGuest({ lie: 'outside' }), {}],
  small: [() => echoGuest({ maxPages: SMALL_PAGES }), {}],
  greedy: [() => greedyGuest(), { memoryCeilingBytes: 16 * MIB, instances: { min: 0, max: 2 }, idleMs: 200 }],
  leaky: [() => trappingGuest({ in: 'free' }), { maxLeakedBytes: 16_384 }],
  chatty: [() => chattyGuest({ lines: LINES_OF_A_CALL }), {}],
} satisfies Record<string, readonly [() => Uint8Array, PluginOptions]>;

export type PluginName = keyof typeof PLUGINS;

/** Everything that is hammered on, in one runtime. */
export interface Guests {
  readonly plugins: Readonly<Partial<Record<PluginName, Plugin>>>;
  /** Missing where guards cannot run. */
  readonly guards: { readonly plain: Guard; readonly asking: Guard } | undefined;
  readonly versions: Versions;
  readonly log: LogWitness;
  close(): Promise<void>;
}

/** Loads all guests that can run. */
export async function openGuests(isolation: Isolation, backEnd: BackEnd): Promise<Guests> {
  const runtime = await createRuntime({ isolation, fetch: backEnd.fetch });
  const log = new LogWitness();
  const plugins: Partial<Record<PluginName, Plugin>> = {};
  for (const [name, [bytes, options]] of Object.entries(PLUGINS) as [PluginName, (typeof PLUGINS)[PluginName]][]) {
    if (!canRun(name, isolation)) continue;
    const http = { allow: ['backend.test'] };
    plugins[name] = await runtime.loadPlugin(bytes(), {
      ...{ http, ...options, name },
      ...(name === 'chatty' && { onGuestLog: log.read }),
    });
  }
  const guard = (bytes: Uint8Array, name: string) =>
    runtime.loadGuard(bytes, { name, instances: { max: 2 }, callBackend: backEnd.callBackend });
  const rules = { label_resource: [{ contains: 'private', answer: PRIVATE }] };
  const guards = canWait(isolation)
    ? { plain: await guard(guardGuest({ rules }), 'plain'), asking: await guard(backendGuard({ rules }), 'asking') }
    : undefined;
  const versions = await Versions.open(runtime);
  return {
    ...{ plugins, guards, versions, log },
    close: async () => {
      await versions.close();
      await runtime.close();
    },
  };
}

/** Inline, a guest that waits for the host has to be suspended, which Node 22 cannot; one that computes for ever cannot be stopped. */
function canRun(name: PluginName, isolation: Isolation): boolean {
  if (name === 'looping') return isolation === 'worker';
  return canWait(isolation) || !['waiting', 'stuck'].includes(name);
}

function canWait(isolation: Isolation): boolean {
  return isolation === 'worker' || 'Suspending' in WebAssembly;
}
