import type { Drain } from '../call/drain.ts';
import { writeError } from '../protocol/frame/write-frame.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import type { Passed, PassingProblem } from '../replicas/passed-on.ts';
import type { Passing } from '../replicas/passing.ts';
import type { HttpSession } from '../session/http-session.ts';
import type { HttpSessions } from '../session/http-sessions.ts';
import { EventStream } from '../transport/event-stream.ts';
import { jsonAnswer, writeAnswer } from '../transport/http-answer.ts';
import { tryForAnswer } from './client-answers.ts';
import type { EndpointRequest } from './endpoint-request.ts';
import type { Holder, Holders } from './holders.ts';
import { passableAnswers } from './passable-answers.ts';
import { refusal } from './refusal.ts';

/** How often a session may move while one request waits for it. */
const MAX_MOVES = 3;

/** Headers that are passed on: what the protocol says, and nothing of who says it. */
const PASSED_HEADERS = /^(?:mcp-|accept$|content-type$|last-event-id$)/;

const ENDED =
  'The gateway that held this has ended, and what it held with it, so that this could not be done; what it was needed for has to begin anew';

/** Its record lives for a while after it was killed; and it may be that it will hear again. */
const DEAF =
  'The gateway that holds this hears nothing: it was killed, or cannot reach the state store. Nothing was done of this; ask again in 8 s, when it hears again, or is known to have ended with what it held';

const PROBLEMS: Readonly<Record<PassingProblem, string>> = {
  'holder has ended':
    'The gateway that was at work on this has ended before it answered; whether it was done is not known, so it was not done again: look at what came of it before you ask again',
  'message was lost':
    'The gateway that was asked knows nothing of this any more; whether it was done is not known, so it was not done again: look at what came of it before you ask again',
  'holder is not heard':
    'This gateway does not hear the one any more that was asked; whether it was done is not known, so it was not done again: look at what came of it before you ask again',
  'hears nothing':
    'This gateway hears nothing of the others now, one of which holds this session; nothing was done of this, ask again later',
  'too large': 'The request is too large to be passed to the gateway that holds this session (8 MiB)',
  'too many':
    '10,000 requests are under way from this gateway to others, which is the most; nothing was done of this, ask again later',
};

export interface ElsewhereOptions {
  readonly holders: Holders;
  readonly passing: Passing;
  readonly sessions: HttpSessions;
  /** What is passed on is waited for as what runs here is, but for streams, which have no end. */
  readonly drain: Drain;
}

/** What is served: here, or where what it is about is held. */
export interface Work {
  readonly asked: EndpointRequest;
  /** The session it belongs to; absent where it stands for itself. */
  readonly session?: HttpSession;
  /** Asked again where a holder has ended. */
  readonly holder: () => Holder;
  /** The client of the oldest transport that it comes from. */
  readonly sseClient?: string;
  readonly body: Buffer;
  /** The request that is to be answered, where there is one and it is known. */
  readonly id: Buffer | undefined;
  readonly here: () => undefined | void | Promise<void>;
  /** Whether it may be done twice, where it may. */
  readonly isRepeatable?: () => Promise<boolean>;
  /** Whether it is nothing but answers of a client to what it was asked. */
  readonly isAnswer?: boolean;
}

/** Passes requests to the gateways that hold what they are about. */
export class Elsewhere {
  readonly #options: ElsewhereOptions;

  constructor(options: ElsewhereOptions) {
    this.#options = options;
  }

  get holders(): Holders {
    return this.#options.holders;
  }

  /** Serves it where it is held; where that gateway has ended, says so, or goes on here with what is a session's. */
  async pass(work: Work, first: Holder): Promise<void> {
    const { asked, session, holder } = work;
    let to = await first;
    for (let moves = 0; to !== undefined && moves < MAX_MOVES; moves++) {
      const outcome = await this.#passTo(to, work);
      if (outcome === 'passed') return;
      const why = outcome === 'not heard' ? DEAF : ENDED;
      if (!session) return this.#refuse(work, why);
      // Another request of the session, such as its stream, may have moved it meanwhile.
      if (session.home === to) await this.#options.sessions.moveHome(session, to);
      if (session.home === undefined) {
        writeAnswer(asked.response, refusal(404, RpcCode.sessionNotFound, 'Session not found', work.id), asked.headers);
        return;
      }
      const next = await holder();
      // What it held was its own, and not the session's.
      if (next === to) return this.#refuse(work, why);
      to = next;
    }
    if (asked.response.destroyed) return;
    if (to === undefined) await work.here();
    else this.#refuse(work, ENDED);
  }

  async #passTo(to: string, work: Work): Promise<Passed> {
    if (work.asked.request.method === 'GET') return this.#passAsItIs(to, work);
    const { drain } = this.#options;
    drain.enter();
    try {
      if (work.isAnswer !== true) return await this.#passAsItIs(to, work);
      return await tryForAnswer(
        () => this.#passAsItIs(to, work),
        (outcome) => outcome === 'not heard',
      );
    } finally {
      drain.leave();
    }
  }

  #passAsItIs(to: string, work: Work): Promise<Passed> {
    const { request, response, endpoint, caller, accepted, headers } = work.asked;
    const passed = Object.entries(request.headers).filter(([name]) => PASSED_HEADERS.test(name));
    return this.#options.passing.pass({
      to,
      head: {
        method: request.method ?? 'POST',
        endpoint: endpoint.key,
        sseClient: work.sseClient,
        caller,
        accepted,
        headers: Object.fromEntries(passed.map(([name, value]) => [name, String(value)])),
      },
      body: work.isAnswer === true ? passableAnswers(work.body) : work.body,
      response,
      headers,
      ...(work.isRepeatable && { isRepeatable: work.isRepeatable }),
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
    // Nothing is missing of a stream whose client opens the next.
    else if (request.method === 'GET' && id === undefined) response.end();
    else if (id === undefined || response.hasHeader('content-length')) response.destroy();
    else response.end(Buffer.concat([EVENT, ...error, EVENT_END]));
  }
}

const EVENT = Buffer.from('event: message\ndata: ');
const EVENT_END = Buffer.from('\n\n');
