import { type AgentKey, nameOfAgent } from './agent-key.ts';
import { join, type Label } from './label.ts';

interface Running {
  readonly agent: AgentKey;
  readonly resource: Label;
}

/**
 * The calls that servers work on now: what a server says while several run may be about each of them. A call that has ended counts for two more
 * turns of the event loop: over HTTP what a server said before its answer comes on another connection, and may be read after it. Of those that have
 * ended it is known what they were about, all together, for each agent: what a server asks late may be about each of these.
 */
export class RunningCalls {
  readonly #byServer = new Map<string, Set<Running>>();
  /** By agent, then by server. */
  readonly #ended = new Map<string, Map<string, Label>>();
  /** What has ended in this turn of the event loop, and in the one before. */
  #leaving: (() => void)[] = [];
  #left: (() => void)[] = [];
  #sweeping: NodeJS.Immediate | undefined;

  async during<T>(server: string, call: Running, work: () => Promise<T>): Promise<T> {
    const calls = this.#byServer.get(server) ?? new Set();
    this.#byServer.set(server, calls.add(call));
    try {
      return await work();
    } finally {
      this.#note(server, call);
      this.#leaving.push(() => this.#forgetRunning(server, calls, call));
      this.#sweeping ??= setImmediate(() => this.#turn());
    }
  }

  /** What a server works on, or has just worked on. */
  resourcesOf(server: string): readonly Label[] {
    return [...(this.#byServer.get(server) ?? [])].map(({ resource }) => resource);
  }

  /** What all calls of an agent at a server were about, those that run and those that have ended; undefined where there were none. */
  everOf(server: string, agent: AgentKey): Label | undefined {
    const name = nameOfAgent(agent);
    const running = [...(this.#byServer.get(server) ?? [])].filter((call) => nameOfAgent(call.agent) === name);
    const ended = this.#ended.get(name)?.get(server);
    const all = running.map(({ resource }) => resource).concat(ended ?? []);
    return all.length === 0 ? undefined : all.reduce(join);
  }

  forget(agent: AgentKey): void {
    this.#ended.delete(nameOfAgent(agent));
  }

  /** One turn of the event loop is over. */
  #turn(): void {
    for (const forget of this.#left) forget();
    this.#left = this.#leaving;
    this.#leaving = [];
    this.#sweeping = this.#left.length > 0 ? setImmediate(() => this.#turn()) : undefined;
  }

  #forgetRunning(server: string, calls: Set<Running>, call: Running): void {
    calls.delete(call);
    if (calls.size === 0 && this.#byServer.get(server) === calls) this.#byServer.delete(server);
  }

  #note(server: string, { agent, resource }: Running): void {
    const name = nameOfAgent(agent);
    const servers = this.#ended.get(name) ?? new Map<string, Label>();
    this.#ended.set(name, servers);
    const known = servers.get(server);
    // What has no guard has one and the same label each time.
    if (known !== resource) servers.set(server, known ? join(known, resource) : resource);
  }
}
