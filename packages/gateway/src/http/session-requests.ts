import { LEGACY_VERSIONS } from '../protocol/era.ts';
import type { Frame, RequestFrame } from '../protocol/frame/frame.ts';
import { FrameError } from '../protocol/frame/frame-error.ts';
import { type Bytes, writeError, writeResult } from '../protocol/frame/write-frame.ts';
import { helloResult, readHello } from '../protocol/introduction.ts';
import { LAST_BATCH_VERSION, noBatches } from '../protocol/no-batches.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { isOfOwnStream, requestOfEvent } from '../session/event-id.ts';
import type { HttpSession } from '../session/http-session.ts';
import type { HttpSessions } from '../session/http-sessions.ts';
import { EventStream } from '../transport/event-stream.ts';
import { type HttpAnswer, jsonAnswer, writeAnswer } from '../transport/http-answer.ts';
import type { KeepAlive } from '../transport/keep-alive.ts';
import { whenOver } from '../transport/when-over.ts';
import { BatchReply } from './batch-reply.ts';
import { areAnswers, tryForAnswer } from './client-answers.ts';
import type { Elsewhere } from './elsewhere.ts';
import type { EndpointRequest } from './endpoint-request.ts';
import type { Holder } from './holders.ts';
import { refusal } from './refusal.ts';
import { areRepeatable } from './repeatable-requests.ts';
import { SessionReply } from './session-reply.ts';

/** Frames that a list may have. */
const MAX_BATCH = 100;

const NO_BODY = Buffer.alloc(0);

export interface SessionRequestsOptions {
  readonly sessions: HttpSessions;
  readonly keepAlive: KeepAlive;
  readonly elsewhere: Elsewhere;
  /** Whether other gateways are to take over the sessions that are at home here. */
  readonly isLeaving: () => boolean;
}

/** Streamable HTTP with sessions, as legacy clients speak it. Source: MCP specification 2025-11-25, "Transports". */
export class SessionRequests {
  readonly #sessions: HttpSessions;
  readonly #keepAlive: KeepAlive;
  readonly #elsewhere: Elsewhere;
  readonly #isLeaving: () => boolean;

  constructor({ sessions, keepAlive, elsewhere, isLeaving }: SessionRequestsOptions) {
    this.#sessions = sessions;
    this.#keepAlive = keepAlive;
    this.#elsewhere = elsewhere;
    this.#isLeaving = isLeaving;
  }

  /** Answers a POST of legacy frames, which are what the body says. */
  post(
    asked: EndpointRequest,
    frames: Frame | readonly (Frame | FrameError)[],
    body: Buffer,
  ): Promise<void> | undefined {
    const isBatch = Array.isArray(frames);
    const single = isBatch ? undefined : (frames as Frame);
    const id = asked.request.headers['mcp-session-id'];
    if (id === undefined && single?.kind === 'request' && single.method === 'initialize')
      return this.#begin(asked, single);
    if (id === undefined && isBatch) {
      this.#answer(asked, refusal(400, RpcCode.invalidRequest, noBatches(undefined)));
      return undefined;
    }
    const take = (session: HttpSession | undefined): Promise<void> | undefined => {
      if (!session) return undefined;
      // Passed here without end, they would keep what runs from ever being all; the other gateway takes the session over.
      if (asked.decline && this.#isLeaving() && this.#elsewhere.holders.areMovable(frames)) {
        asked.decline();
        return undefined;
      }
      const holder = this.#elsewhere.holders.ofFrames(session, asked, frames);
      return holder === undefined
        ? this.#here(asked, session, frames)
        : this.#pass(asked, session, frames, body, holder);
    };
    const isAnswer = areAnswers(frames);
    const found = this.#sessionOf(asked, single?.kind === 'request' ? single.id : undefined, isAnswer);
    return found instanceof Promise ? found.then(take) : take(found);
  }

  #here(asked: EndpointRequest, session: HttpSession, frames: Frame | readonly (Frame | FrameError)[]): undefined {
    if (Array.isArray(frames)) this.#batch(asked, session, frames);
    else this.#one(asked, session, frames as Frame);
  }

  #pass(
    asked: EndpointRequest,
    session: HttpSession,
    frames: Frame | readonly (Frame | FrameError)[],
    body: Buffer,
    first: Holder,
  ): Promise<void> {
    const single = Array.isArray(frames) ? undefined : (frames as Frame);
    const holder = (): Holder => this.#elsewhere.holders.ofFrames(session, asked, frames);
    const here = (): void => this.#here(asked, session, frames);
    const id = single?.kind === 'request' ? single.id : undefined;
    const isRepeatable = (): Promise<boolean> => areRepeatable(frames, asked.endpoint, session.caller);
    const isAnswer = areAnswers(frames);
    return this.#elsewhere.pass({ asked, session, holder, body, id, here, isRepeatable, isAnswer }, first);
  }

  /** Opens the session's own stream, or goes on with one that broke. */
  async get(asked: EndpointRequest): Promise<void> {
    const { request, accepted } = asked;
    if (!accepted.stream) return this.#refuse(asked, 406, 'Not Acceptable: Client must accept text/event-stream');
    const session = await this.#sessionOf(asked, undefined);
    if (!session) return;
    const given = request.headers['last-event-id'];
    const lastEventId = typeof given === 'string' ? given : undefined;
    const isOwn = lastEventId === undefined || isOfOwnStream(lastEventId);
    if (asked.decline && this.#isLeaving() && isOwn) return asked.decline();
    const id = lastEventId === undefined ? undefined : requestOfEvent(lastEventId);
    const holder = (): Holder => this.#elsewhere.holders.ofStream(session, asked, lastEventId);
    const here = (): void => this.#listen(asked, session, lastEventId);
    const first = holder();
    if (first === undefined) here();
    else await this.#elsewhere.pass({ asked, session, holder, body: NO_BODY, id, here }, first);
  }

  #listen(asked: EndpointRequest, session: HttpSession, given: string | undefined): void {
    const { response, headers } = asked;
    // Nobody would read what waits for this stream.
    if (response.destroyed) return;
    // What another gateway had for the session's own stream has gone with it; from here on there is more.
    const lastEventId = given !== undefined && session.isElsewhere(given) ? undefined : given;
    const resumed = lastEventId === undefined ? undefined : session.streamOf(lastEventId);
    if (lastEventId !== undefined && !resumed) {
      this.#refuse(asked, 400, 'The stream of this Last-Event-ID is not known, or no longer');
      return;
    }
    // Source: HTML, "Server-sent events": 204 tells a client to come no more; an empty stream would bring it back for ever.
    if (resumed?.isOver(lastEventId as string)) {
      this.#answer(asked, { status: 204 });
      return;
    }
    const target = new EventStream(response, { ...headers, 'mcp-session-id': session.peer.key });
    const entry = { sign: () => target.text(': keepalive\n\n') };
    const place = this.#keepAlive.add(entry);
    const stream = resumed ?? session.listen(target);
    if (resumed) session.resume(resumed, target, lastEventId as string);
    whenOver(response, () => {
      this.#keepAlive.delete(place);
      stream.detach(target);
    });
  }

  /** Ends the session. */
  async delete(asked: EndpointRequest): Promise<void> {
    const session = await this.#sessionOf(asked, undefined);
    if (!session) return;
    await this.#sessions.end(session);
    this.#answer(asked, { status: 200 });
  }

  async #begin(asked: EndpointRequest, frame: RequestFrame): Promise<void> {
    const id = Buffer.from(frame.id);
    try {
      const hello = readHello(frame.params);
      const session = await this.#sessions.begin(hello, asked.caller, asked.endpoint);
      if (!session) {
        this.#answer(asked, refusal(503, RpcCode.refused, 'Too many sessions', id, { 'retry-after': '5' }));
        return;
      }
      const introduction = await asked.endpoint.introduction(session.peer);
      this.#reply(asked, session, writeResult(id, helloResult(hello.version, introduction)));
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      this.#answer(asked, jsonAnswer(400, writeError(id, error.text)));
    }
  }

  /** The session that a request names; answers the request where there is none. */
  #sessionOf(
    asked: EndpointRequest,
    id: Buffer | undefined,
    isAnswer = false,
  ): HttpSession | undefined | Promise<HttpSession | undefined> {
    const { request, caller, endpoint } = asked;
    const named = request.headers['mcp-session-id'];
    if (typeof named !== 'string') {
      this.#refuse(asked, 400, 'Bad Request: Mcp-Session-Id header is required', id);
      return undefined;
    }
    const find = () => this.#sessions.find(named, caller, endpoint);
    const found = isAnswer ? tryForAnswer(find) : find();
    return found instanceof Promise
      ? found.then((session) => this.#usable(session, asked, id))
      : this.#usable(found, asked, id);
  }

  #usable(session: HttpSession | undefined, asked: EndpointRequest, id: Buffer | undefined): HttpSession | undefined {
    const { request, response } = asked;
    if (!session) {
      this.#answer(asked, refusal(404, RpcCode.sessionNotFound, 'Session not found', id));
      return undefined;
    }
    const version = request.headers['mcp-protocol-version'];
    if (typeof version === 'string' && version !== session.version && !LEGACY_VERSIONS.includes(version)) {
      const supported = LEGACY_VERSIONS.join(', ');
      this.#refuse(
        asked,
        400,
        `Bad Request: Unsupported protocol version: ${version} (supported versions: ${supported})`,
        id,
      );
      return undefined;
    }
    session.open++;
    whenOver(response, () => this.#sessions.closed(session));
    return session;
  }

  #one(asked: EndpointRequest, session: HttpSession, frame: Frame): void {
    if (frame.kind === 'request') {
      session.request(frame, this.#wireOf(asked, session, frame.id));
      return;
    }
    if (frame.kind === 'notification') session.client.notification(frame);
    else session.client.answered(frame);
    this.#answer(asked, asked.refused ?? { status: 202 });
  }

  #batch(asked: EndpointRequest, session: HttpSession, frames: readonly (Frame | FrameError)[]): void {
    if (session.version > LAST_BATCH_VERSION || frames.length > MAX_BATCH) {
      const why =
        session.version > LAST_BATCH_VERSION
          ? noBatches(session.version)
          : `Invalid Request: a batch has at most ${MAX_BATCH} messages; send the others in another one`;
      this.#answer(asked, refusal(400, RpcCode.invalidRequest, why));
      return;
    }
    const requests = frames.filter((frame) => frame instanceof FrameError || frame.kind === 'request');
    if (requests.length === 0) this.#answer(asked, { status: 202 });
    const reply = new BatchReply(this.#wireOf(asked, session), requests.length, !asked.accepted.stream);
    for (const frame of frames) {
      if (frame instanceof FrameError) reply.end(writeError(frame.id, RpcError.of(frame.rpcCode, frame.message).text));
      else if (frame.kind === 'request') session.request(frame, reply);
      else if (frame.kind === 'notification') session.client.notification(frame);
      else session.client.answered(frame);
    }
  }

  #wireOf({ response, accepted, headers }: EndpointRequest, session: HttpSession, id?: Buffer): SessionReply {
    // A copy, which is made where it is used: what is answered keeps nothing of what was asked.
    const own = id && Buffer.from(id);
    return new SessionReply({
      response,
      accepted,
      headers: { ...headers, 'mcp-session-id': session.peer.key },
      keepAlive: this.#keepAlive,
      openStream: () => session.openStream(own),
      primes: session.primes,
      sendElsewhere: (frame) => session.send(frame),
    });
  }

  /** A whole answer of the session, which a client that takes only streams gets as one. */
  #reply({ response, accepted, headers }: EndpointRequest, session: HttpSession, frame: Bytes): void {
    const own = { ...headers, 'mcp-session-id': session.peer.key };
    if (accepted.json) {
      writeAnswer(response, jsonAnswer(200, frame), own);
      return;
    }
    const stream = new EventStream(response, own);
    stream.event(frame);
    stream.end();
  }

  #refuse(asked: EndpointRequest, status: number, message: string, id?: Buffer): void {
    this.#answer(asked, refusal(status, RpcCode.refused, message, id));
  }

  #answer({ response, headers }: EndpointRequest, answer: HttpAnswer): void {
    writeAnswer(response, answer, headers);
  }
}
