import { type Decision, toldDecision } from '../monitor/decision.ts';
import { sessionTag } from '../observe/session-tag.ts';
import type { DecisionFacts } from './api.ts';
import { Ring } from './ring.ts';
import type { WatchedCall } from './watched-call.ts';

const KEPT = 500;
/** Decisions whose calls have not ended yet; a call ends right after its decision. */
const OPEN = 256;
/** Tags of one label that are kept: a guard may give any number. */
const MOST_TAGS = 100;

interface OpenDecision {
  readonly decision: Decision;
  readonly facts: DecisionFacts;
}

/** The last decisions of the reference monitor: tags and counts, never contents. */
export class Decisions {
  readonly ring: Ring<DecisionFacts> = new Ring<DecisionFacts>(KEPT);
  readonly #boot: string;
  readonly #now: () => number;
  readonly #open: OpenDecision[] = [];
  readonly #takers = new Map<string, (facts: DecisionFacts) => void>();

  /** @param now - Milliseconds since 1970. */
  constructor(boot: string, now: () => number) {
    this.#boot = boot;
    this.#now = now;
  }

  decided(decision: Decision): void {
    const taker = decision.session === undefined ? undefined : this.#takers.get(decision.session);
    const { channel, verdict, session, agent, agentAfter, resource } = decision;
    // Frames are many, and what passes is of interest only to who tries a call.
    if (channel && verdict === 'allowed' && !taker) return;
    const facts: DecisionFacts = {
      ...toldDecision(decision),
      id: `${this.#boot}.${this.ring.last + 1}`,
      time: this.#now(),
      ...(session !== undefined && { session: sessionTag(session) }),
      agent: few(agent),
      agentAfter: few(agentAfter),
      ...(resource && { resource: few(resource) }),
    } as DecisionFacts;
    this.ring.push(facts);
    taker?.(facts);
    if (channel) return;
    this.#open.push({ decision, facts });
    if (this.#open.length > OPEN) this.#open.shift();
  }

  /** The decision on a call that ends now: the oldest on the same doing of the same agent whose call has not ended. */
  of({ principal, session, target, server }: WatchedCall): DecisionFacts | undefined {
    if (this.#open.length === 0 || server === undefined) return undefined;
    const isAgents = ({ decision }: OpenDecision): boolean =>
      decision.principal === principal && (decision.session ?? session) === session && decision.server === server;
    const exact = this.#open.findIndex((open) => isAgents(open) && isTarget(open.decision.tool, target));
    // A name that was made to fit clients does not end with the tool's own.
    const index = exact === -1 ? this.#open.findIndex(isAgents) : exact;
    return index === -1 ? undefined : this.#open.splice(index, 1)[0]?.facts;
  }

  find(id: string): DecisionFacts | undefined {
    const [boot, number] = id.split('.');
    return boot === this.#boot ? this.ring.at(Number(number)) : undefined;
  }

  /** Tells of what is decided on one session, frames that pass too, until it is ended. */
  take(session: string, taker: (facts: DecisionFacts) => void): () => void {
    this.#takers.set(session, taker);
    return () => void this.#takers.delete(session);
  }
}

/** A tool's name as clients see it ends with its own; of what is no tool call, the decision has the method. */
function isTarget(tool: string, target: string | undefined): boolean {
  return target === undefined || target.endsWith(tool) || tool.includes('/');
}

function few<T extends { readonly secrecy: readonly string[]; readonly integrity: readonly string[] }>(labels: T) {
  const { secrecy, integrity } = labels;
  return { secrecy: secrecy.slice(0, MOST_TAGS), integrity: integrity.slice(0, MOST_TAGS) };
}
