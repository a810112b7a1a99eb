import { isDeepStrictEqual } from 'node:util';
import { LockgateError } from '@lockgate/abi/without-guests';
import { type GuardOrigin, guardOf } from '../config/guard-origin.ts';
import type { GuardEntry } from '../config/modules-section.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { withoutUndefined } from '../config/without-undefined.ts';
import type { Logger } from '../logger.ts';
import type { Caller } from '../protocol/peer.ts';
import { BackendRefusedError } from './backend-refused-error.ts';
import { GuardService } from './guard-service.ts';
import type { GuardStatus } from './guard-status.ts';
import { NoGuardError } from './no-guard-error.ts';
import { ruleFor } from './policy.ts';
import { PolicyWatch } from './policy-watch.ts';
import type { LabelGuard, Mode, ServerRule } from './rule.ts';
import { strictest } from './strictest.ts';

/**
 * A read-only tool call of a guard on the server it guards, on behalf of a caller; undefined where it is nobody's. Resolves to the result as JSON in UTF-8.
 */
export type CallBackend = (
  server: string,
  tool: string,
  args: unknown,
  signal: AbortSignal,
  caller: Caller | undefined,
) => Promise<Uint8Array>;

/** What the guards need of a loader. */
export interface GuardLoader {
  loadGuard(source: string | URL, options: GuardLoadOptions): Promise<LabelGuard>;
  unload(name: string): Promise<void>;
  /** What is loaded now, and which version of it is live. */
  list(): readonly { readonly name: string; readonly live: { readonly digest: string } | null }[];
}

/** The entry's own keys, as the loader and the runtime take them. */
export interface GuardLoadOptions {
  readonly name: string;
  readonly callBackend: (tool: string, args: unknown, signal: AbortSignal, caller: unknown) => Promise<Uint8Array>;
  readonly watch?: boolean;
  readonly sha256?: string;
  readonly [limit: string]: unknown;
}

export interface GuardsOptions {
  readonly loader: GuardLoader;
  readonly callBackend: CallBackend;
  readonly logger: Logger;
  readonly now: () => number;
}

/** What protects one server. */
interface ServerProtection {
  readonly rule: ServerRule;
  readonly origin?: GuardOrigin;
  readonly service?: GuardService;
  readonly policy?: PolicyWatch;
}

/** Instances of a guard, where its entry does not say: one slow label call must not hold up other sessions. */
const DEFAULT_INSTANCES = { min: 1, max: 4 };

/** A guest chooses the names, so that they have to end somewhere. */
const MAX_TOLD_TOOLS = 100;

const MEND = 'Mend the guard; it is tried again at the next call';
const CORRECT_POLICY = 'Correct "guard-policies" of the server, or "policy" of the guard';

/** Servers that nobody configured: the public internet. */
const UNKNOWN: ServerProtection = { rule: { rule: { kind: 'open' }, mode: 'strict', toolCallLimits: {} } };

/** The protection of each server: its rule, and its guard loaded and kept in service. */
export class Guards {
  readonly #options: GuardsOptions;
  #protections = new Map<string, ServerProtection>();
  #profiles: GatewayConfig['profiles'] = {};

  constructor(options: GuardsOptions) {
    this.#options = options;
  }

  /** Whether any call needs to be looked at: some server has a guard, a policy or a call limit. */
  get active(): boolean {
    return [...this.#protections.values()].some(
      ({ rule }) => rule.rule.kind !== 'open' || Object.keys(rule.toolCallLimits).length > 0,
    );
  }

  get status(): readonly GuardStatus[] {
    return [...this.#protections].flatMap(([server, { service, policy }]) => {
      if (!service) return [];
      const { guardName: guard, failure } = service;
      if (failure !== undefined) return [{ server, guard, failure: messageOf(failure), remedy: MEND }];
      const refusal = policy?.refusal;
      return [{ server, guard, ...(refusal !== undefined && { failure: refusal, remedy: CORRECT_POLICY }) }];
    });
  }

  /** What decides on the grants of each guarded server: another text where they have changed. */
  get policyHashes(): ReadonlyMap<string, string> {
    const guarded = [...this.#protections].flatMap(
      ([
        server,
        {
          rule: { rule },
        },
      ]) => (rule.kind === 'guard' ? [[server, rule.policyHash] as const] : []),
    );
    return new Map(guarded);
  }

  ruleOf(server: string): ServerRule {
    return (this.#protections.get(server) ?? UNKNOWN).rule;
  }

  /** The strictest mode of some profiles; undefined where none has one. */
  modeOfProfiles(names: readonly (string | undefined)[]): Mode | undefined {
    return strictest(
      names.map((name) =>
        name !== undefined && Object.hasOwn(this.#profiles, name) ? this.#profiles[name]?.guardsMode : undefined,
      ),
    );
  }

  /**
   * Takes over a configuration. Rules change at once; guards that stay as they were go on, others are loaded while
   * calls run. Resolves when all guards are loaded or have failed; a guard that failed denies and is tried again.
   */
  async apply(config: GatewayConfig): Promise<void> {
    const before = this.#protections;
    this.#profiles = config.profiles;
    const servers = Object.entries({ ...config.mcpServers, ...config.plugins });
    this.#protections = new Map(
      servers.map(([server, { 'guard-policies': policies, 'tool-call-limits': toolCallLimits }]) => {
        const origin = guardOf(server, config);
        const kept = before.get(server);
        const same = origin && isDeepStrictEqual(kept?.origin, origin);
        const service = same ? kept?.service : origin && this.#serve(server, origin, config);
        const version = () => this.#versionOf(loaderName(server, origin));
        const policy = service && this.#watchPolicy(server, service.guardName, version);
        const guard = service &&
          policy && {
            name: service.guardName,
            inService: async () => policy.over(await service.inService()),
            origin,
            version,
          };
        const rule = ruleFor({ ...(guard && { guard }), policies: policies ?? policyOf(origin) });
        const loaded = origin && service && policy ? { origin, service, policy } : {};
        return [server, { rule: { rule, mode: config.gateway.guardsMode, toolCallLimits }, ...loaded }];
      }),
    );
    const gone = [...before].filter(
      ([server, { service }]) => service && this.#protections.get(server)?.service !== service,
    );
    await Promise.allSettled(
      gone.map(([server, { origin }]) => this.#options.loader.unload(loaderName(server, origin))),
    );
    await Promise.allSettled([...this.#protections.values()].map(({ service }) => service?.inService()));
    for (const { rule } of this.#protections.values()) void tryPolicy(rule);
  }

  #watchPolicy(server: string, guard: string, version: () => string | undefined): PolicyWatch {
    return new PolicyWatch({
      version,
      onRefusal: (error) => {
        const facts = { guard, server, err: error, remedy: CORRECT_POLICY };
        this.#options.logger.error(facts, 'guard does not take the policy; calls of its server are denied');
      },
    });
  }

  /** Of the bytes that are live under a name; undefined until there are some. */
  #versionOf(name: string): string | undefined {
    return this.#options.loader.list().find((module) => module.name === name)?.live?.digest;
  }

  #serve(server: string, origin: GuardOrigin, config: GatewayConfig): GuardService {
    const { loader, logger, now } = this.#options;
    return new GuardService({
      guardName: origin.name,
      now,
      onFailure: (error) => {
        if (isClosing(error)) return;
        logger.error(
          { guard: origin.name, server, err: error },
          'guard is not in service; calls of its server are denied',
        );
      },
      load: async () => {
        const entry = entryNow(server, origin, config);
        if (entry.disabled) throw new NoGuardError('it is switched off in the configuration ("disabled").');
        const { path, url, limits, disabled: _d, policy: _p, instances = DEFAULT_INSTANCES, ...rest } = entry;
        const given = withoutUndefined({ ...rest, ...limits, instances });
        return loader.loadGuard(url === undefined ? (path as string) : new URL(url), {
          ...given,
          name: loaderName(server, origin),
          callBackend: tellingOfRefusals({ guard: origin.name, server }, this.#options),
        });
      },
    });
  }
}

/** The guard's way to its server. The guest sees no reason where a call is refused, so the log has it, once for each tool. */
function tellingOfRefusals(
  who: { readonly guard: string; readonly server: string },
  { callBackend, logger }: GuardsOptions,
): GuardLoadOptions['callBackend'] {
  const told = new Set<string>();
  return async (tool, args, signal, caller) => {
    try {
      // The monitor alone calls guards, and says a caller or nobody (`LabelOptions`).
      return await callBackend(who.server, tool, args, signal, caller as Caller | undefined);
    } catch (error) {
      const isNews = error instanceof BackendRefusedError && !told.has(tool) && told.size < MAX_TOLD_TOOLS;
      if (isNews) {
        told.add(tool);
        logger.warn(
          { ...who, tool: tool.slice(0, 128), reason: error.message },
          'a call of a guard to its server was refused',
        );
      }
      throw error;
    }
  };
}

function policyOf(origin: GuardOrigin | undefined): GuardEntry['policy'] {
  return origin && 'entry' in origin ? origin.entry.policy : undefined;
}

/** How a guard is loaded. Where its folder was empty it is looked into again: what was put there meanwhile restores service. */
function entryNow(server: string, origin: GuardOrigin, config: GatewayConfig): GuardEntry {
  const known = 'entry' in origin ? origin : guardOf(server, config);
  if (known && 'entry' in known) return known.entry;
  throw new NoGuardError(
    `"gateway.wasmGuardsDir" has no .wasm file in its folder "${server}". Put the guard there; ` +
      'with "guard": false the server counts as the public internet.',
  );
}

/** One guard in front of two servers is two guards to the loader: each calls its own backend. */
function loaderName(server: string, origin: GuardOrigin | undefined): string {
  return `${origin?.name ?? 'guard'}@${server}`;
}

/** A guard that was still being loaded when everything ended has no failure of its own. */
function isClosing(error: unknown): boolean {
  return LockgateError.isInstance(error) && (error.code === 'GATEWAY_CLOSED' || error.code === 'LOADER_CLOSED');
}

/** Gives a guard its policy before anybody calls, so that one that refuses it is seen. What else goes wrong, the first call says. */
async function tryPolicy({ rule }: ServerRule): Promise<void> {
  if (rule.kind !== 'guard') return;
  await rule
    .guard()
    .then((guard) => guard.labelAgent(rule.policy))
    .catch(() => {});
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
