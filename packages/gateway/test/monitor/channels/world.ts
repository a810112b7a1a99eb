import { mkdtempSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LockgateFile } from '../../../src/config/schema.ts';
import { createGateway, type Gateway } from '../../../src/gateway.ts';
import type { Decision } from '../../../src/monitor/decision.ts';
import { inTime } from './in-time.ts';
import { labellingGuard, policyToken } from './labelling-guard.ts';
import type { Mode, Policy } from './model.ts';
import { ScriptedServers } from './scripted-servers.ts';

type Policies = Readonly<Record<'a' | 'b' | 'm', Policy>>;

const keyOf = (principal: string): string => principal.repeat(40);

/** Tags that the sink accepts. */
export const ACCEPTED = ['s'];

/**
 * A gateway in this process, its servers beside it: "a" and "b" (legacy) and "m" (modern) behind real guards, "o" open, "k" a sink. One world serves many
 * runs, one after the other.
 */
export class World {
  readonly servers: ScriptedServers;
  readonly http = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #guard: string;
  #gateway: Gateway | undefined;
  #url = '';
  #waiting: { matches(decision: Decision): boolean; left: number; resolve(): void } | undefined;
  #ids = 0;

  private constructor(servers: ScriptedServers) {
    this.servers = servers;
    this.#guard = join(mkdtempSync(join(tmpdir(), 'lockgate-channels-')), 'guard.wasm');
    writeFileSync(this.#guard, labellingGuard());
  }

  static async open(): Promise<World> {
    const world = new World(await new ScriptedServers().listen());
    const nobody: Policy = { mode: 'strict', grant: { secrecy: [], integrity: [] } };
    world.#gateway = await createGateway(world.#config({ a: nobody, b: nobody, m: nobody }, 'strict'), {
      onDecision: (decision) => world.#decided(decision),
    });
    await world.#gateway.started();
    world.#url = (await world.#gateway.listen()).url;
    return world;
  }

  /** Never given twice. */
  nextId(): number {
    return ++this.#ids;
  }

  get url(): string {
    return this.#url;
  }

  key(principal: string): string {
    return keyOf(principal);
  }

  async change(policies: Policies, mode: Mode): Promise<void> {
    await this.#gateway?.reconfigure(this.#config(policies, mode));
  }

  async reset(principal: string): Promise<void> {
    await this.#gateway?.resetCaller(principal);
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
    await this.#gateway?.close();
    this.servers.close();
    this.http.destroy();
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
