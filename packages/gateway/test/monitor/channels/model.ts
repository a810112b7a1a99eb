// DIFC.md once more, all channels of it, written from the page and apart from src: plain lists, no sharing, nothing clever.

export type Tags = readonly string[];
export interface Labels {
  readonly secrecy: Tags;
  readonly integrity: Tags;
}
export type Mode = 'strict' | 'filter' | 'propagate';
export type Operation = 'read' | 'write' | 'read-write';
export interface Policy {
  readonly mode: Mode;
  readonly grant: Labels;
}
export type Server =
  | { readonly kind: 'guard'; readonly policy: Policy }
  | { readonly kind: 'sink'; readonly accept: Tags }
  | { readonly kind: 'open' };
/** What may become of a part of an answer; `unclear` where the mode may take it with others. */
export type Fate = 'given' | 'withheld' | 'unclear';

const NOTHING: Labels = { secrecy: [], integrity: [] };
const within = (small: Tags, big: Tags): boolean => small.every((tag) => big.includes(tag));

const isSame = (one: Policy, other: Policy): boolean => JSON.stringify(one) === JSON.stringify(other);

interface Agent {
  grants: { server: string; policy: Policy }[];
  reads: Labels[];
  /** Secrecy that it was given by right of a grant. */
  given: string[];
}

/** All agents of one gateway. An agent is "principal/session", or "principal/" without one. */
export class Model {
  readonly servers: Record<string, Server>;
  /** The mode of servers without a guard. */
  readonly mode: Mode;
  readonly #agents = new Map<string, Agent>();

  constructor(servers: Record<string, Server>, mode: Mode) {
    this.servers = { ...servers };
    this.mode = mode;
  }

  /** The agent's label, and what it carries where it writes. */
  label(agent: string): Labels & { carries: Tags } {
    const own = this.#of(agent);
    const principal = this.#of(`${agent.split('/')[0]}/`);
    const grants = own.grants.filter(({ server, policy }) => {
      const now = this.servers[server];
      return now?.kind === 'guard' && isSame(now.policy, policy);
    });
    const reads = own === principal ? own.reads : [...own.reads, ...principal.reads];
    const secrecy = [...grants.flatMap(({ policy }) => policy.grant.secrecy), ...reads.flatMap((read) => read.secrecy)];
    const granted = grants.flatMap(({ policy }) => policy.grant.integrity);
    const integrity = granted.filter((tag) => reads.every((read) => read.integrity.includes(tag)));
    return { secrecy, integrity, carries: [...secrecy, ...own.given, ...principal.given] };
  }

  modeOf(server: string): Mode {
    const known = this.servers[server];
    return known?.kind === 'guard' ? known.policy.mode : this.mode;
  }

  /** What a call of a server is about, where a guard would say this. */
  about(server: string, operation: Operation, resource: Labels): { operation: Operation; resource: Labels } {
    const known = this.servers[server];
    if (known?.kind === 'guard') return { operation, resource };
    if (known?.kind === 'sink') return { operation: 'write', resource: { secrecy: known.accept, integrity: [] } };
    return { operation: 'read-write', resource: NOTHING };
  }

  /** A call that a client makes, in phases 0 to 2: whether the server gets it. `isAnswer`: it goes on with a call by answering. */
  call(agent: string, server: string, operation: Operation, resource: Labels, isAnswer = false): boolean {
    this.#meet(agent, server);
    const about = this.about(server, operation, resource);
    if (about.operation !== 'read' || isAnswer) {
      if (!this.#mayWrite(agent, about.resource)) return false;
    }
    return about.operation !== 'read-write' || this.#mayRead(agent, about.resource);
  }

  /** What stands beside the arguments of a call that the server gets: whether it gets that too. */
  beside(agent: string, server: string, operation: Operation, resource: Labels): boolean {
    const about = this.about(server, operation, resource);
    return about.operation !== 'read' || within(this.label(agent).carries, about.resource.secrecy);
  }

  /**
   * Something that a server says, whole: whether the client gets it. Undefined is what its guard has no labels for. Only who asks a server for something is
   * granted anything by its guard.
   */
  read(agent: string, server: string, resource: Labels | undefined): boolean {
    if (!resource) return false;
    const { resource: label } = this.about(server, 'read', resource);
    if (this.modeOf(server) === 'propagate') this.#of(agent).reads.push(label);
    else if (!this.#mayRead(agent, label)) return false;
    else this.#note(agent, [label]);
    return true;
  }

  /** Something that a client says beside a call: whether the server gets it. */
  write(agent: string, server: string, resource: Labels): boolean {
    return this.#mayWrite(agent, this.about(server, 'write', resource).resource);
  }

  /** An address that a client names. */
  address(agent: string, server: string, resource: Labels): boolean {
    this.#meet(agent, server);
    const { resource: label } = this.about(server, 'read-write', resource);
    return this.#mayWrite(agent, label) && this.#mayRead(agent, label);
  }

  /** Phases 4 to 6: the fate of each part of an answer. A part without labels of its own, null, has the resource's. */
  parts(
    agent: string,
    server: string,
    operation: Operation,
    resource: Labels,
    parts: readonly (Labels | null)[],
  ): readonly Fate[] {
    const about = this.about(server, operation, resource);
    const isWhole = this.servers[server]?.kind !== 'guard' || operation === 'write';
    const labels = parts.map((part) => (isWhole ? about.resource : (part ?? about.resource)));
    if (this.modeOf(server) === 'propagate') {
      this.#of(agent).reads.push(...labels);
      return labels.map(() => 'given');
    }
    const readable = labels.map((label) => this.#mayRead(agent, label));
    const all = readable.every(Boolean);
    if (all || this.modeOf(server) === 'filter')
      this.#note(agent, all ? labels : labels.filter((_, at) => readable[at]));
    if (all) return labels.map(() => 'given');
    if (this.modeOf(server) === 'strict') return labels.map(() => 'withheld');
    return readable.map((may) => (may ? 'unclear' : 'withheld'));
  }

  change(server: string, policy: Policy): void {
    this.servers[server] = { kind: 'guard', policy };
  }

  end(agent: string): void {
    this.#agents.delete(agent);
  }

  #of(agent: string): Agent {
    const known = this.#agents.get(agent) ?? { grants: [], reads: [], given: [] };
    this.#agents.set(agent, known);
    return known;
  }

  /** Phase 0. */
  #meet(agent: string, server: string): void {
    const known = this.servers[server];
    if (known?.kind !== 'guard') return;
    const own = this.#of(agent);
    own.grants = [...own.grants.filter((grant) => grant.server !== server), { server, policy: known.policy }];
  }

  #note(agent: string, labels: readonly Labels[]): void {
    this.#of(agent).given.push(...labels.flatMap(({ secrecy }) => secrecy));
  }

  #mayRead(agent: string, { secrecy, integrity }: Labels): boolean {
    const label = this.label(agent);
    return within(secrecy, label.secrecy) && within(label.integrity, integrity);
  }

  #mayWrite(agent: string, { secrecy, integrity }: Labels): boolean {
    const label = this.label(agent);
    return within(label.carries, secrecy) && within(integrity, label.integrity);
  }
}
