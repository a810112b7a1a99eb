import { itemsIn, paramsOf } from './call-frames.ts';
import { Data, type Place } from './data.ts';
import { inTime } from './in-time.ts';
import { itemsToken, OF_STRAY_LOGS, resourceToken } from './labelling-guard.ts';
import { type Fate, type Labels, Model, type Policy } from './model.ts';
import { RawClient } from './raw-clients.ts';
import { RunningCall } from './running-call.ts';
import { callToken, type Json, type ServedCall } from './scripted-servers.ts';
import { AGENTS, type AgentName, type CallStep, LEGACY, type Program, type ServerName, type Step } from './steps.ts';
import { ACCEPTED, type World } from './world.ts';

const ALL_SERVERS: readonly ServerName[] = [...LEGACY, 'm'];
const SESSIONS = AGENTS.filter((agent) => !agent.endsWith('/'));

interface Running {
  readonly step: CallStep;
  call: RunningCall | undefined;
}

export interface RunOptions {
  /** Told of each datum that is given or withheld: what it is, and which. */
  readonly onFate?: (what: string, fate: Fate) => void;
  /** The text of each datum, by its number in the run; never twice the same. @default a new word */
  readonly wordOf?: (at: number) => string;
}

/** One program through the gateway and through the model at once. Every datum is a word of its own, and where it may be seen is known. */
export class Run {
  readonly #world: World;
  readonly #onFate: (what: string, fate: Fate) => void;
  readonly #data: Data;
  readonly #program: Program;
  readonly #model: Model;
  readonly #policies: Record<'a' | 'b' | 'm', Policy>;
  readonly #clients = new Map<AgentName, RawClient>();
  /** The gateways that know the session of each, which tell it what servers say on their connections. */
  readonly #known = new Map<AgentName, Set<number>>();
  /** Where the next request goes, while that matters. */
  #at: number | undefined;
  readonly #running: Running[] = [];
  /** What clients saw whose sessions have ended. */
  readonly #gone = new Map<AgentName, string>();
  readonly #goneStreams = new Map<AgentName, readonly string[]>();
  /** The server's session of a client's own connection, once known. */
  readonly #connections = new Map<string, string>();
  readonly #before: Readonly<Record<string, number>>;
  /** What happened, for a message. */
  readonly #log: string[] = [];

  constructor(world: World, program: Program, { onFate = () => {}, wordOf }: RunOptions = {}) {
    this.#world = world;
    this.#onFate = onFate;
    this.#data = new Data(wordOf ?? (() => `M${world.nextId()}z`), this.#log);
    this.#program = program;
    this.#policies = { ...program.policies };
    const guarded = Object.entries(program.policies).map(
      ([name, policy]) => [name, { kind: 'guard', policy }] as const,
    );
    this.#model = new Model(
      { ...Object.fromEntries(guarded), o: { kind: 'open' }, k: { kind: 'sink', accept: ACCEPTED } },
      program.mode,
    );
    const { seen } = world.servers;
    this.#before = Object.fromEntries(ALL_SERVERS.map((server) => [server, seen[server]?.length ?? 0]));
  }

  /** @throws where the gateway did something else than the model. */
  async play(): Promise<void> {
    try {
      await this.#play();
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.#log.join('\n')}`, { cause: error });
    }
  }

  async #play(): Promise<void> {
    await this.#world.change(this.#policies, this.#program.mode);
    for (const step of this.#program.steps) await this.#step(step);
    await this.#arrived();
    for (const agent of this.#clients.keys()) await this.#end(agent);
    await this.#world.reset('p');
    this.#data.search(this.#seen(), this.#onFate);
  }

  /** Of a run that came to no end. @throws where something has got to where it must not. */
  mustHaveHidden(): void {
    this.#data.searchHidden(this.#seen());
  }

  /** Which data, by number, may not be seen at a place. */
  hiddenFrom(place: Place): ReadonlySet<number> {
    return this.#data.hiddenFrom(place);
  }

  /** All that a client was sent, each stream by itself. */
  streamsOf(agent: AgentName): readonly string[] {
    return [...(this.#goneStreams.get(agent) ?? []), ...(this.#clients.get(agent)?.streams ?? [])];
  }

  async #step(step: Step): Promise<void> {
    this.#log.push(JSON.stringify(step));
    switch (step.kind) {
      case 'call':
        return this.#mayNest(step) ? this.#call(step) : undefined;
      case 'notify':
        return this.#notify(step.agent, step.resource);
      case 'subscribe':
        return this.#subscribe(step.agent, step.server, step.resource);
      case 'stray':
        return this.#stray(step);
      case 'policy': {
        // What a guard that was replaced would have said of a call that runs, nobody knows.
        if (this.#running.some((running) => running.step.server === step.server)) return;
        this.#policies[step.server] = step.policy;
        this.#model.change(step.server, step.policy);
        return this.#world.change(this.#policies, this.#program.mode);
      }
      case 'reset':
        this.#model.end('p/');
        return this.#world.reset('p');
      case 'end':
        if (this.#running.some((running) => running.step.agent === step.agent)) return;
        return this.#end(step.agent);
      default: {
        const unknown: never = step;
        throw new TypeError(String(unknown));
      }
    }
  }

  /** Requests without a session take turns at a legacy server. */
  #mayNest({ agent, server }: CallStep): boolean {
    return !this.#running.some(({ step }) => step.agent === agent && step.server === server && agent === 'p/');
  }

  async #call(step: CallStep): Promise<void> {
    const { agent, server, operation, resource } = step;
    const client = await this.#client(agent);
    const id = this.#world.nextId();
    const arrival = this.#world.servers.arrival(id);
    const running: Running = { step, call: undefined };
    const marker = this.#data.add('an argument', { [`client ${agent}`]: 'unclear' });
    const words = `${callToken(id)} ${resourceToken(resource, operation)} ${itemsIn(step) ? itemsToken(itemsIn(step) ?? '') : ''} ${marker}`;
    const passes = this.#model.call(agent, server, operation, resource);
    const isBesideGiven = passes && this.#model.beside(agent, server, operation, resource);
    const beside = this.#data.add('what is beside an argument', {
      [`server ${server}`]: isBesideGiven ? 'given' : 'withheld',
    });
    // Until it is known, so that a run which ends here is not taken for one that gave too much.
    if (passes) this.#data.decide(marker, `server ${server}`, 'unclear');
    this.#running.push(running);
    const params = { ...paramsOf(step.via, server, words), _meta: { said: beside } };
    const over = client.request(step.via, params).catch(() => undefined);
    const requestId = client.lastId;
    const call = await inTime(Promise.race([arrival, over]), `call ${id} of ${server}`);
    const isThere = call !== undefined && 'tell' in call;
    if (!isThere) this.#log.push(`  answered ${JSON.stringify(call)}`);
    this.#must(isThere === passes, `the call of ${server} by ${agent} ${passes ? 'passes' : 'is denied'}`);
    this.#data.decide(marker, `server ${server}`, passes ? 'given' : 'withheld');
    if (isThere) {
      const served = call as ServedCall;
      if (!served.isModern) this.#connections.set(`${agent} ${server}`, served.session);
      const parts = { step, call: served, over, beside, client, requestId, model: this.#model, data: this.#data };
      await this.#serve(running, new RunningCall({ ...parts, world: this.#world, log: this.#log }));
    }
    await inTime(over, `the answer to call ${id} of ${server}`);
    this.#running.splice(this.#running.indexOf(running), 1);
  }

  /** The call while its server works on it. */
  async #serve(running: Running, call: RunningCall): Promise<void> {
    running.call = call;
    for (const event of running.step.events) {
      if (call.isOver) return;
      if (event.kind === 'say') await call.say(event.method);
      else if (event.kind === 'ask') await call.ask(event);
      else await this.#step(event.step);
    }
    if (!call.isOver) await call.finish();
  }

  /** A notification of a client goes to every server that it sees. */
  async #notify(agent: AgentName, resource: Labels): Promise<void> {
    if (agent.endsWith('/')) return;
    const client = await this.#client(agent);
    const marker = this.#data.add('a notification of the client');
    for (const server of ALL_SERVERS) {
      const isGiven = this.#model.write(agent, server, resource);
      this.#data.decide(marker, `server ${server}`, isGiven ? 'unclear' : 'withheld');
    }
    const params = { said: `${resourceToken(resource, 'write')} ${marker}` };
    await this.#world.untilDecided(ALL_SERVERS.length, 'up', 'notifications/custom', () =>
      client.notify('notifications/custom', params),
    );
  }

  /** An address that a client names, and an update of it. */
  async #subscribe(agent: AgentName, server: ServerName, resource: Labels): Promise<void> {
    const isListening = agent.endsWith('/');
    const own = this.#connections.get(`${agent} ${server}`);
    const { servers } = this.#world;
    const at = this.#world.nextGateway();
    const session = isListening ? this.#world.sharedSession(at, server) : own;
    if (server === 'm' || session === undefined) return;
    const client = await this.#client(agent);
    const isGiven = this.#model.address(agent, server, resource);
    const marker = this.#data.add('an address', {
      [`client ${agent}`]: 'unclear',
      [`server ${server}`]: isGiven ? 'given' : 'withheld',
    });
    const uri = `${server}://${resourceToken(resource, 'read')}/${marker}`;
    let end: (() => Promise<void>) | undefined;
    if (isListening) {
      this.#at = at;
      const opened = client.listen(uri);
      this.#at = undefined;
      end = await inTime(opened, `listening at ${server}`);
    } else {
      const answer = await inTime(client.request('resources/subscribe', { uri }), `subscribing at ${server}`);
      this.#must((answer?.error === undefined) === isGiven, `${agent} ${isGiven ? 'may' : 'may not'} subscribe`);
    }
    if (isGiven) {
      const isUpdateGiven = this.#model.read(agent, server, resource);
      const isOpen = server === 'o' || server === 'k';
      const beside = this.#data.add('what is beside an address', isOpen ? { [`client ${agent}`]: 'unclear' } : {});
      const after = client.seen.length;
      await this.#world.untilCallsAreOver();
      await this.#world.untilDecided(1, 'down', 'notifications/resources/updated', () =>
        servers.stray(session, { method: 'notifications/resources/updated', params: { uri, beside } }),
      );
      if (isUpdateGiven) await inTime(client.sees('notifications/resources/updated', after), `an update of ${server}`);
    }
    await end?.();
  }

  /** Something that a server says outside of any call. */
  async #stray({ server, of, method }: Extract<Step, { kind: 'stray' }>): Promise<void> {
    if (server === 'm' || this.#running.some(({ step }) => step.server === server)) return;
    const own = of && this.#connections.get(`${of} ${server}`);
    if (of?.endsWith('/') || (of && !own)) return;
    const at = this.#world.nextGateway();
    const isThere = (agent: AgentName): boolean => SESSIONS.includes(agent) && this.#known.get(agent)?.has(at) === true;
    const hearers = of ? [of] : [...this.#clients.keys()].filter(isThere);
    const marker = this.#data.add(`${method} of no call`);
    const isLabelled = method === 'notifications/message' || server === 'o' || server === 'k';
    for (const agent of hearers) {
      const isGiven = this.#model.read(agent, server, isLabelled ? OF_STRAY_LOGS : undefined);
      this.#data.decide(marker, `client ${agent}`, isGiven ? 'given' : 'withheld');
    }
    const params = method === 'notifications/message' ? { level: 'error', data: marker } : { said: marker };
    await this.#world.untilCallsAreOver();
    await this.#world.untilDecided(hearers.length, 'down', method, () =>
      this.#world.servers.stray(own ?? this.#world.sharedSession(at, server), { method, params }),
    );
  }

  async #end(agent: AgentName): Promise<void> {
    const client = this.#clients.get(agent);
    if (!client) return;
    await this.#arrived();
    for (const server of ALL_SERVERS) this.#connections.delete(`${agent} ${server}`);
    if (agent.endsWith('/')) return;
    await client.end();
    this.#gone.set(agent, `${this.#gone.get(agent) ?? ''}${client.seen}`);
    this.#goneStreams.set(agent, [...(this.#goneStreams.get(agent) ?? []), ...client.streams]);
    this.#clients.delete(agent);
    this.#model.end(agent);
  }

  async #client(agent: AgentName): Promise<RawClient> {
    const begun = this.#clients.get(agent);
    if (begun) return begun;
    const principal = agent.charAt(0);
    const known = new Set<number>();
    this.#known.set(agent, known);
    const url = (): string => {
      const at = this.#at ?? this.#world.nextGateway();
      known.add(at);
      return this.#world.urlOf(at);
    };
    const options = {
      url,
      key: this.#world.key(principal),
      http: this.#world.http,
      onQuestion: (question: string) => this.#answerOf(agent, question),
    };
    const client = await new RawClient(options, agent.endsWith('/')).begin();
    this.#clients.set(agent, client);
    return client;
  }

  /** The innermost call of an agent that has asked something is the one that is asked about. */
  #answerOf(agent: AgentName, question: string): Promise<Json> {
    const asking = this.#running.findLast(({ step, call }) => step.agent === agent && call?.onQuestion);
    if (!asking?.call?.onQuestion) throw new Error(`nobody asked: ${question}`);
    return asking.call.onQuestion();
  }

  #must(holds: boolean, what: string): void {
    if (!holds) throw new Error(`expected that ${what}`);
  }

  /** Waits until the clients have all that they must be given. */
  async #arrived(): Promise<void> {
    for (const [agent, client] of this.#clients) {
      const gone = this.#gone.get(agent) ?? '';
      for (const word of this.#data.givenTo(`client ${agent}`)) {
        if (!gone.includes(word)) await inTime(client.sees(word), `${word} at client ${agent}`);
      }
    }
  }

  #seen(): ReadonlyMap<Place, string> {
    const seen = new Map<Place, string>();
    for (const server of ALL_SERVERS) {
      seen.set(`server ${server}`, this.#world.servers.seen[server]?.slice(this.#before[server]) ?? '');
    }
    for (const agent of AGENTS) {
      seen.set(`client ${agent}`, `${this.#gone.get(agent) ?? ''}${this.#clients.get(agent)?.seen ?? ''}`);
    }
    return seen;
  }
}
