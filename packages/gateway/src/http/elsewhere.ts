import { keptAt } from '../answers/kept-uri.ts';
import type { Endpoint } from '../call/endpoint.ts';
import { isParkedState, parkedAt } from '../call/parked-calls.ts';
import type { TaskOwners } from '../call/task-owners.ts';
import type { Envelope } from '../protocol/envelope.ts';
import type { Frame, RequestFrame } from '../protocol/frame/frame.ts';
import { FrameError } from '../protocol/frame/frame-error.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import { writeError } from '../protocol/frame/write-frame.ts';
import { canBeAsked, type Peer } from '../protocol/peer.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { silentPeer } from '../protocol/silent-peer.ts';
import type { Passing, PassingProblem } from '../replicas/passing.ts';
import { replicaIn } from '../replicas/replicas.ts';
import { isOfOwnStream } from '../session/event-id.ts';
import type { HttpSession } from '../session/http-session.ts';
import type { HttpSessions } from '../session/http-sessions.ts';
import { modernPeer } from '../session/modern-requests.ts';
import { askedBy } from '../session/questions.ts';
import { EventStream } from '../transport/event-stream.ts';
import { jsonAnswer, writeAnswer } from '../transport/http-answer.ts';
import type { EndpointRequest } from './endpoint-request.ts';
import { refusal } from './refusal.ts';

/** The gateway that holds what a request is about; undefined where that is this one. */
export type Holder = string | undefined | Promise<string | undefined>;

/** How often a session may move while one request waits for it. */
const MAX_MOVES = 3;

/** Legacy requests that begin or end something which the session has at home. */
const HOME_METHODS: ReadonlySet<string> = new Set(['resources/subscribe', 'resources/unsubscribe']);

const TASK_METHODS: ReadonlySet<string> = new Set(['tasks/get', 'tasks/result', 'tasks/cancel', 'tasks/update']);

/** Headers that are passed on: what the protocol says, and nothing of who says it. */
const PASSED_HEADERS = /^(?:mcp-|accept$|content-type$|last-event-id$)/;

const ENDED = 'The gateway that held this has ended, and what it held with it';

const PROBLEMS: Readonly<Record<PassingProblem, string>> = {
  'holder has ended': 'The gateway that was at work on this has ended; whether it was done is not known',
  'message was lost': 'Gateways that share this session lost a message; whether the request was done is not known',
  'too large': 'The request is too large to be passed to the gateway that holds this session (8 MiB)',
  'too many': 'Too many requests are under way to other gateways; try again',
};

export interface ElsewhereOptions {
  /** This gateway's own name; undefined where it shares nothing. */
  readonly name: string | undefined;
  readonly passing: Passing;
  readonly sessions: HttpSessions;
  readonly tasks: TaskOwners;
}

/** What is served: here, or where what it is about is held. */
export interface Work {
  readonly asked: EndpointRequest;
  /** The session it belongs to; absent where it stands for itself. */
  readonly session?: HttpSession;
  /** Asked again where a holder has ended. */
  readonly holder: () => Holder;
  readonly body: Buffer;
  /** The request that is to be answered, where there is one and it is known. */
  readonly id: Buffer | undefined;
  readonly here: () => undefined | void | Promise<void>;
}

/** Says which of several gateways a request is for, and passes it there. What needs no other one costs nothing. */
export class Elsewhere {
  readonly #options: ElsewhereOptions;

  constructor(options: ElsewhereOptions) {
    this.#options = options;
  }

  /** Where the frames of a session belong. */
  holderOf(session: HttpSession, asked: EndpointRequest, frames: Frame | readonly (Frame | FrameError)[]): Holder {
    if (this.#isHere(asked)) return undefined;
    if (!Array.isArray(frames)) return this.#ofFrame(session, frames as Frame);
    // Frames of a list stay together.
    for (const frame of frames as readonly (Frame | FrameError)[]) {
      const holder = frame instanceof FrameError ? undefined : this.#ofFrame(session, frame);
      if (holder !== undefined) return holder;
    }
    return undefined;
  }

  /** Where a session's stream is: its own, or the one of an event. */
  holderOfStream(session: HttpSession, asked: EndpointRequest, lastEventId: string | undefined): Holder {
    if (this.#isHere(asked)) return undefined;
    const isOwn = lastEventId === undefined || isOfOwnStream(lastEventId);
    return this.#unlessHere(isOwn ? session.home : replicaIn(lastEventId, ''));
  }

  /** Where a modern request belongs: to the call that waits for it, or as those of a session. */
  holderOfModern(asked: EndpointRequest, { method, params }: RequestFrame, envelope: Envelope): Holder {
    if (this.#isHere(asked)) return undefined;
    const state = params?.text('requestState');
    if (state !== undefined && isParkedState(state)) return this.#unlessHere(parkedAt(state));
    if (TASK_METHODS.has(method)) {
      const peer = modernPeer(asked.caller, envelope, asked.endpoint);
      return this.#ofTask(peer, asked.endpoint, params);
    }
    return this.#unlessHere(keptBy(method, params));
  }

  /** Serves it where it is held; where that gateway has ended, says so, or goes on here with what is a session's. */
  async pass(work: Work, first: Holder): Promise<void> {
    const { asked, session, holder } = work;
    let to = await first;
    for (let moves = 0; to !== undefined && moves < MAX_MOVES; moves++) {
      if ((await this.#passTo(to, work)) === 'passed') return;
      if (!session || session.home !== to) return this.#refuse(work, ENDED);
      await this.#options.sessions.moveHome(session, to);
      if (session.home === undefined) {
        writeAnswer(asked.response, refusal(404, RpcCode.sessionNotFound, 'Session not found', work.id), asked.headers);
        return;
      }
      to = await holder();
    }
    if (asked.response.destroyed) return;
    if (to === undefined) await work.here();
    else this.#refuse(work, ENDED);
  }

  #passTo(to: string, work: Work): Promise<'passed' | 'not taken'> {
    const { request, response, endpoint, caller, accepted, headers } = work.asked;
    const passed = Object.entries(request.headers).filter(([name]) => PASSED_HEADERS.test(name));
    return this.#options.passing.pass({
      to,
      head: {
        method: request.method ?? 'POST',
        endpoint: endpoint.key,
        caller,
        accepted,
        headers: Object.fromEntries(passed.map(([name, value]) => [name, String(value)])),
      },
      body: work.body,
      response,
      headers,
      fail: (problem) => this.#refuse(work, PROBLEMS[problem]),
    });
  }

  /** A request gets its answer, whatever has been told before it; anything else a status. */
  #refuse({ asked: { request, response, headers }, id }: Work, message: string): void {
    if (response.destroyed) return;
    if (!response.headersSent && id === undefined) {
      writeAnswer(response, refusal(503, RpcCode.refused, message), headers);
      return;
    }
    const error = id === undefined ? [] : writeError(id, RpcError.of(RpcCode.refused, message).text);
    if (!response.headersSent && request.method === 'GET') {
      const stream = new EventStream(response, headers);
      stream.event(error);
      stream.end();
    } else if (!response.headersSent) writeAnswer(response, jsonAnswer(200, error), headers);
    else if (id === undefined || response.hasHeader('content-length')) response.destroy();
    else response.end(Buffer.concat([EVENT, ...error, EVENT_END]));
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

const EVENT = Buffer.from('event: message\ndata: ');
const EVENT_END = Buffer.from('\n\n');
