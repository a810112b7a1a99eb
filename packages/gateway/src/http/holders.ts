import { keptAt } from '../answers/kept-uri.ts';
import type { Endpoint } from '../call/endpoint.ts';
import { isParkedState, parkedAt } from '../call/parked-calls.ts';
import type { TaskOwners } from '../call/task-owners.ts';
import type { Envelope } from '../protocol/envelope.ts';
import type { Frame, RequestFrame } from '../protocol/frame/frame.ts';
import { FrameError } from '../protocol/frame/frame-error.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import { canBeAsked, type Peer } from '../protocol/peer.ts';
import { silentPeer } from '../protocol/silent-peer.ts';
import { replicaIn } from '../replicas/replicas.ts';
import { isOfOwnStream } from '../session/event-id.ts';
import type { HttpSession } from '../session/http-session.ts';
import { modernPeer } from '../session/modern-requests.ts';
import { askedBy } from '../session/questions.ts';
import type { EndpointRequest } from './endpoint-request.ts';

/** The gateway that holds what a request is about; undefined where that is this one. */
export type Holder = string | undefined | Promise<string | undefined>;

/** Legacy requests that begin or end something which the session has at home. */
const HOME_METHODS: ReadonlySet<string> = new Set(['resources/subscribe', 'resources/unsubscribe']);

const TASK_METHODS: ReadonlySet<string> = new Set(['tasks/get', 'tasks/result', 'tasks/cancel', 'tasks/update']);

export interface HoldersOptions {
  /** This gateway's own name; undefined where it shares nothing. */
  readonly name: string | undefined;
  readonly tasks: TaskOwners;
}

/** Says which of several gateways a request is for. What needs no other one costs nothing. */
export class Holders {
  readonly #options: HoldersOptions;

  constructor(options: HoldersOptions) {
    this.#options = options;
  }

  /** Where the frames of a session belong. */
  ofFrames(session: HttpSession, asked: EndpointRequest, frames: Frame | readonly (Frame | FrameError)[]): Holder {
    if (this.#isHere(asked)) return undefined;
    if (!Array.isArray(frames)) return this.#ofFrame(session, frames as Frame);
    // Frames of a list stay together.
    for (const frame of frames as readonly (Frame | FrameError)[]) {
      const holder = frame instanceof FrameError ? undefined : this.#ofFrame(session, frame);
      if (holder !== undefined) return holder;
    }
    return undefined;
  }

  /** Whether a session's frames ask for something that any gateway can do once the session is at home there: none of them names what is in this one. */
  areMovable(frames: Frame | readonly (Frame | FrameError)[]): boolean {
    const all = (Array.isArray(frames) ? frames : [frames]) as readonly (Frame | FrameError)[];
    const requests = all.filter(
      (frame) => !(frame instanceof FrameError) && frame.kind === 'request',
    ) as RequestFrame[];
    const isNamed = ({ method, params }: RequestFrame): boolean =>
      TASK_METHODS.has(method) || keptBy(method, params) !== undefined;
    return requests.length > 0 && !requests.some(isNamed);
  }

  /** Where a session's stream is: its own, or the one of an event. */
  ofStream(session: HttpSession, asked: EndpointRequest, lastEventId: string | undefined): Holder {
    if (this.#isHere(asked)) return undefined;
    const isOwn = lastEventId === undefined || isOfOwnStream(lastEventId);
    return this.#unlessHere(isOwn ? session.home : replicaIn(lastEventId, ''));
  }

  /** Where the stream of a client of the oldest transport is. */
  ofSseClient(asked: EndpointRequest, client: string): Holder {
    return this.#isHere(asked) ? undefined : this.#unlessHere(replicaIn(client, ''));
  }

  /** Where a modern request belongs: to the call that waits for it, or as those of a session. */
  ofModern(asked: EndpointRequest, { method, params }: RequestFrame, envelope: Envelope): Holder {
    if (this.#isHere(asked)) return undefined;
    const state = params?.text('requestState');
    if (state !== undefined && isParkedState(state)) return this.#unlessHere(parkedAt(state));
    if (TASK_METHODS.has(method)) {
      const peer = modernPeer(asked.caller, envelope, asked.endpoint);
      return this.#ofTask(peer, asked.endpoint, params);
    }
    return this.#unlessHere(keptBy(method, params));
  }

  #isHere({ decline }: EndpointRequest): boolean {
    return this.#options.name === undefined || decline !== undefined;
  }

  #unlessHere(holder: string | undefined): string | undefined {
    return holder === this.#options.name ? undefined : holder;
  }

  #ofFrame(session: HttpSession, frame: Frame): Holder {
    switch (frame.kind) {
      case 'result':
      case 'error':
        return this.#unlessHere(askedBy(frame));
      case 'notification': {
        const isForAll = frame.method === 'notifications/initialized' || frame.method === 'notifications/cancelled';
        return isForAll || !session.isAway ? undefined : session.home;
      }
      case 'request':
        return this.#ofRequest(session, frame);
    }
  }

  #ofRequest(session: HttpSession, { method, params }: RequestFrame): Holder {
    const { peer, endpoint } = session;
    const keeper = this.#unlessHere(keptBy(method, params));
    if (keeper !== undefined) return keeper;
    const atHome = (): Holder => (session.isAway ? this.#atHome(session, method, params?.text('name')) : undefined);
    if (!TASK_METHODS.has(method)) return atHome();
    return this.#ofTask(peer, endpoint, params).then((holder) => holder ?? atHome());
  }

  async #ofTask(peer: Peer, endpoint: Endpoint, params: ObjectText | undefined): Promise<string | undefined> {
    const visible = endpoint.visibleTo(peer.caller);
    return this.#unlessHere(await this.#options.tasks.holderOf(params?.text('taskId'), peer, visible));
  }

  /** A client that a server can ask has a connection to it of its own, which is at home. */
  #atHome({ endpoint, peer, home }: HttpSession, method: string, name: string | undefined): Holder {
    if (HOME_METHODS.has(method)) return home;
    if (method === 'ping' || !canBeAsked(peer)) return undefined;
    const isOwn = endpoint.visibleTo(peer.caller).some(({ upstream }) => upstream.asksWhileRunning(peer));
    if (!isOwn || method !== 'tools/call' || name === undefined) return isOwn ? home : undefined;
    // What everybody is offered; to find out what this client is would open a connection of its own.
    const catalog = endpoint.catalog(silentPeer('', peer.caller));
    const of = (known: Awaited<typeof catalog>): string | undefined =>
      known.tool(name)?.source.upstream.asksWhileRunning(peer) === false ? undefined : home;
    return catalog instanceof Promise ? catalog.then(of) : of(catalog);
  }
}

/** The gateway that keeps the answer which a request reads. */
function keptBy(method: string, params: ObjectText | undefined): string | undefined {
  if (method === 'resources/read') return keptAt(params?.text('uri') ?? '');
  const isExecuted = method === 'tools/call' && params?.text('name') === 'execute';
  return isExecuted ? keptAt(params?.object('arguments')?.text('name') ?? '') : undefined;
}
