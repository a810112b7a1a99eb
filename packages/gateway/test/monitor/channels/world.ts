import { mkdtempSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { LockgateFile } from '../../../src/config/schema.ts';
import type { Gateway } from '../../../src/gateway.ts';
import { type Logger, silentLogger } from '../../../src/logger.ts';
import type { Decision } from '../../../src/monitor/decision.ts';
import { createGateway } from '../../fixtures/patient-gateway.ts';
import { inTime } from './in-time.ts';
import { labellingGuard, policyToken } from './labelling-guard.ts';
import type { Mode, Policy } from './model.ts';
import { ScriptedServers } from './scripted-servers.ts';
import { LEGACY } from './steps.ts';

type Policies = Readonly<Record<'a' | 'b' | 'm', Policy>>;

const keyOf = (principal: string): string => principal.repeat(40);

/** Tags that the sink accepts. */
export const ACCEPTED = ['s'];

/** Gateways that share their state, and where. */
export interface Replicas {
  readonly count: number;
  readonly state: NonNullable<NonNullable<LockgateFile['gateway']>['state']>;
}

/**
 * A gateway in this process, or several that share their state, the servers beside it: "a" and "b" (legacy) and "m" (modern) behind real guards, "o" open, "k" a
 * sink. One world serves many runs, one after the other.
 */
export class World {
  readonly servers: ScriptedServers;
  readonly http = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #guard: string;
  readonly #state: Replicas['state'] | undefined;
  readonly #gateways: Gateway[] = [];
  readonly #urls: string[] = [];
  /** By gateway, the session of the connection that all its clients share at each server. */
  readonly #shared: ReadonlyMap<string, string>[] = [];
  #waiting: { matches(decision: Decision): boolean; left: number; resolve(): void } | undefined;
  #ids = 0;
  #turns = 0;
  #lostStore = false;

  private constructor(servers: ScriptedServers, state: Replicas['state'] | undefined) {
    this.servers = servers;
    this.#state = state;
    this.#guard = join(mkdtempSync(join(tmpdir(), 'lockgate-channels-')), 'guard.wasm');
    writeFileSync(this.#guard, labellingGuard());
  }

  static async open(replicas?: Replicas): Promise<World> {
    const world = new World(await new ScriptedServers().listen(), replicas?.state);
    const logger: Logger = { ...silentLogger, warn: (_fields, message) => world.#warned(message) };
    const nobody: Policy = { mode: 'strict', grant: { secrecy: [], integrity: [] } };
    while (world.#gateways.length < (replicas?.count ?? 1)) {
      const before = world.servers.openSessions;
      const gateway = await createGateway(world.#config({ a: nobody, b: nobody, m: nobody }, 'strict'), {
        logger,
        onDecision: (decision) => world.#decided(decision),
      });
      world.#gateways.push(gateway);
      await gateway.started();
      const isNew = (session: string): boolean => !before.includes(session);
      // A gateway that has started may not have opened them all yet; a modern server has none.
      while (world.servers.openSessions.filter(isNew).length < LEGACY.length)
        await inTime(world.servers.opened(), 'a standing stream');
      const opened = world.servers.openSessions.filter(isNew);
      world.#shared.push(new Map(opened.map((session) => [session.split('-', 1)[0] ?? '', session])));
      world.#urls.push((await gateway.listen()).url);
    }
    return world;
  }

  /** Whether a gateway had no answer of the state store in time, as on a machine that has too much else to do. */
  get lostStore(): boolean {
    return this.#lostStore;
  }

  /** Never given twice. */
  nextId(): number {
    return ++this.#ids;
  }

  /** One gateway after the other. */
  nextGateway(): number {
    return this.#turns++ % this.#gateways.length;
  }

  urlOf(gateway: number): string {
    return this.#urls[gateway] ?? '';
  }

  /** The session of the connection to a server that all clients of a gateway share. */
  sharedSession(gateway: number, server: string): string {
    return this.#shared[gateway]?.get(server) ?? '';
  }

  key(principal: string): string {
    return keyOf(principal);
  }

  async change(policies: Policies, mode: Mode): Promise<void> {
    await Promise.all(this.#gateways.map((gateway) => gateway.reconfigure(this.#config(policies, mode))));
  }

  async reset(principal: string): Promise<void> {
    await this.#gateways[this.nextGateway()]?.resetCaller(principal);
  }

  /** Waits until no call that has ended counts as one that runs, as each does for two more turns of the event loop. */
  async untilCallsAreOver(): Promise<void> {
    for (let turn = 0; turn < 4; turn += 1) await setImmediate();
  }

  /** Does something, and waits until the monitor has decided so many times on what comes of it. */
  async untilDecided(times: number, direction: 'up' | 'down', method: string, act: () => unknown): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const matches = ({ channel }: Decision): boolean => channel?.direction === direction && channel.method === method;
    this.#waiting = { matches, left: times, resolve };
    await act();
    if (times > 0) await inTime(promise, `${times} decisions on ${method} ${direction}`);
    this.#waiting = undefined;
  }

  async close(): Promise<void> {
    await Promise.all(this.#gateways.map((gateway) => gateway.close()));
    this.servers.close();
    this.http.destroy();
  }

  #warned(message: string): void {
    this.#lostStore ||= message === 'the connection to the state store was lost';
  }

  #decided(decision: Decision): void {
    const waiting = this.#waiting;
    if (!waiting?.matches(decision)) return;
    waiting.left -= 1;
    if (waiting.left === 0) waiting.resolve();
  }

  #config(policies: Policies, guardsMode: Mode): LockgateFile {
    const guards = Object.entries(policies).map(([server, policy]) => [
      `of-${server}`,
      { path: this.#guard, isolation: 'inline', policy: { 'allow-only': { rules: { words: policyToken(policy) } } } },
    ]);
    const url = (server: string): { url: string; maxRetries: number } => ({
      url: `${this.servers.url}/${server}`,
      maxRetries: 0,
    });
    return {
      gateway: {
        listen: '127.0.0.1:0',
        guardsMode,
        // A process that a busy machine lets stand still for so long cuts connections that it has accepted and not read, and clients cannot tell why.
        limits: { headersTimeoutMs: 600_000, requestTimeoutMs: 600_000 },
        ...(this.#state && { state: this.#state }),
        auth: { apiKeys: ['p', 'q'].map((name) => ({ name, key: keyOf(name) })) },
      },
      guards: Object.fromEntries(guards),
      mcpServers: {
        a: { ...url('a'), guard: 'of-a' },
        b: { ...url('b'), guard: 'of-b' },
        m: { ...url('m'), guard: 'of-m' },
        o: url('o'),
        k: { ...url('k'), 'guard-policies': { 'write-sink': { accept: ACCEPTED } } },
      },
    } as LockgateFile;
  }
}
