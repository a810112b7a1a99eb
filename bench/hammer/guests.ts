import {
  createRuntime,
  type GivenFunction,
  type Guard,
  type Isolation,
  type Plugin,
  type PluginOptions,
  type Runtime,
} from '@lockgate/runtime';
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
  versionGuest,
} from '@lockgate/testkit';
import { hammeredComponent } from '../guests/hammered-component.ts';
import { HAMMERED_EXPORTS, hammeredExtism } from '../guests/hammered-extism.ts';
import type { BackEnd } from './back-end.ts';
import { LINES_OF_A_CALL, LogWitness } from './log-witness.ts';
import { Versions } from './versions.ts';

const MIB = 1_048_576;
/** Long enough that nothing else is stopped by it, also where other programs have the processors. */
const DEADLINE_MS = 2_000;
/** What the small guest may grow to, in pages of 64 KiB: 1 MiB. */
const SMALL_PAGES = 16;

/** More than a message may have. */
const HUGE_BYTES = 3 * MIB;
const HAMMERED_OPTIONS: PluginOptions = {
  ...{ maxMessageBytes: 2 * MIB, memoryCeilingBytes: 16 * MIB, callTimeoutMs: DEADLINE_MS },
  instances: { min: 2, max: 4 },
};

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
  /** A plug-in for Extism, of which there are versions as well. Missing where guests cannot wait for the host. */
  readonly extism: Versions | undefined;
  /** A component, likewise. */
  readonly component: Versions;
  /** Whether a guest that computes for ever can be ended. */
  readonly canEndLoops: boolean;
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
  const versions = await Versions.open(runtime, { A: versionGuest('A'), B: versionGuest('B') });
  const extism = canWait(isolation) ? await openExtism(runtime) : undefined;
  const component = await openComponent(runtime);
  return {
    ...{ plugins, guards, versions, extism, component, log },
    canEndLoops: isolation === 'worker',
    close: async () => {
      await versions.close();
      await extism?.close();
      await component.close();
      await runtime.close();
    },
  };
}

/** It fails every third time that its own plug-in asks. */
function openExtism(runtime: Runtime): Promise<Versions> {
  const modules = { A: hammeredExtism('A', HUGE_BYTES), B: hammeredExtism('B', HUGE_BYTES) };
  const ask: GivenFunction = async ([question]) => {
    const call = new TextDecoder().decode(question);
    if (isRefused(Number(call))) throw new Error(`refused ${call}`);
    return new TextEncoder().encode(`asked ${call}`);
  };
  return Versions.open(runtime, modules, {
    ...{ exports: HAMMERED_EXPORTS, functions: { ask } },
    ...HAMMERED_OPTIONS,
  });
}

function openComponent(runtime: Runtime): Promise<Versions> {
  const modules = { A: hammeredComponent('A', HUGE_BYTES), B: hammeredComponent('B', HUGE_BYTES) };
  return Versions.open(runtime, modules, HAMMERED_OPTIONS);
}

/** Whether the host's function fails that the call asks. */
export function isRefused(call: number): boolean {
  return call % 3 === 0;
}

/** Inline, a guest that waits for the host has to be suspended, which Node 22 cannot; one that computes for ever cannot be stopped. */
function canRun(name: PluginName, isolation: Isolation): boolean {
  if (name === 'looping') return isolation === 'worker';
  return canWait(isolation) || !['waiting', 'stuck'].includes(name);
}

function canWait(isolation: Isolation): boolean {
  return isolation === 'worker' || 'Suspending' in WebAssembly;
}
