import type { Endpoint } from '../call/endpoint.ts';
import type { Pipeline } from '../call/pipeline.ts';
import type { Envelope } from '../protocol/envelope.ts';
import type { Frame, NotificationFrame, RequestFrame } from '../protocol/frame/frame.ts';
import { readFrames } from '../protocol/frame/frame.ts';
import { FrameError } from '../protocol/frame/frame-error.ts';
import { longAnswerId } from '../protocol/frame/long-answer-id.ts';
import { longAsk } from '../protocol/frame/long-ask.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { type Bytes, writeError, writeResult } from '../protocol/frame/write-frame.ts';
import { classifyRequest, unsupportedVersion } from '../protocol/inbound.ts';
import { type Hello, helloResult, readHello } from '../protocol/introduction.ts';
import { LAST_BATCH_VERSION, noBatches } from '../protocol/no-batches.ts';
import type { Caller } from '../protocol/peer.ts';
import { misreadAnswer, refusedAnswer } from '../protocol/refused-answer.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { MAX_LINE_BYTES } from '../transport/line-reader.ts';
import type { RequestWire } from './answer-request.ts';
import { ClientSession } from './client-session.ts';
import type { EarlyCancellations } from './early-cancellations.ts';
import { CLOSING, endedRequest, SESSION_ENDED } from './ended-requests.ts';
import { ModernRequests } from './modern-requests.ts';
import { type RunningRequest, RunningRequests } from './running-requests.ts';
import type { Session, Sessions } from './sessions.ts';

/** The other end of a client of which frames come one after the other: a pipe, or a stream and its POSTs. */
export interface DuplexWire {
  /** @param isOptional - Whether it may be left out where the client reads too slowly. */
  send(frame: Bytes, isOptional: boolean): void;
  close(): void;
}

export interface DuplexClientOptions {
  readonly id: string;
  readonly caller: Caller;
  readonly endpoint: Endpoint;
  readonly pipeline: Pipeline;
  readonly sessions: Sessions;
  readonly wire: DuplexWire;
  /** Whether new work is taken. */
  readonly isOpen: () => boolean;
  /** Whether modern clients are served too, which send no `initialize`. */
  readonly eras: 'both' | 'legacy';
  /** For clients whose frames come in requests of their own, which have no order. */
  readonly early?: EarlyCancellations;
}

/** A client that has not initialized: nothing is known of it. */
const STRANGER: Hello = {
  version: LAST_BATCH_VERSION,
  capabilities: ObjectText.EMPTY,
  clientInfo: ObjectText.from({ name: 'unknown', version: '0' }),
};

const tooLate = (ms: number): string =>
  `No answer within ${ms / 1_000} s of the end of the input; keep it open for as long as it takes`;

const TOO_LONG = `A message has at most ${MAX_LINE_BYTES} bytes on stdin, and nothing raises that: send less at once. This one was dropped.`;

const NO_ROOM = RpcError.of(RpcCode.refused, 'Too many sessions');

/** One client whose frames all go one way; its first messages say which era it speaks. */
export class DuplexClient {
  readonly #options: DuplexClientOptions;
  readonly #modern: ModernRequests;
  readonly #running = new RunningRequests();
  #session: ClientSession | undefined;
  #version = '';
  #isModern = false;
  #isClosed = false;
  /** It has said who it is: until then, its session is a stranger's. */
  #isIntroduced = false;
  /** Its handshake has been answered. */
  #isGreeted = false;
  /** It has said something after its handshake. */
  #wentOn = false;
  /** Questions for a client that is not ready yet. */
  readonly #early: Bytes[] = [];

  constructor(options: DuplexClientOptions) {
    this.#options = options;
    this.#modern = new ModernRequests(options.pipeline);
  }

  /** Takes what the client sent: one frame, or a list of them. */
  receive(bytes: Buffer): void {
    if (this.#isClosed) return;
    let frames: Frame | readonly (Frame | FrameError)[];
    try {
      frames = readFrames(bytes, { bom: true });
    } catch (error) {
      const answer = misreadAnswer(bytes, error as FrameError);
      if (answer) this.#session?.answered(answer);
      this.#refuse(error as FrameError);
      return;
    }
    if (!Array.isArray(frames)) {
      this.#take(frames as Frame);
      return;
    }
    if (!this.#session || this.#version > LAST_BATCH_VERSION) {
      const error = RpcError.of(RpcCode.invalidRequest, noBatches(this.#session && this.#version));
      this.#send(writeError(undefined, error.text));
      return;
    }
    for (const frame of frames) {
      if (frame instanceof FrameError) this.#refuse(frame);
      else this.#take(frame);
    }
  }

  /**
   * Something of the client was longer than it may be, and was not kept. A request is refused by its id, and whoever waits for an answer
   * is told, where both ends of the frame say which it was.
   *
   * @param begin - Its first bytes, where they are known.
   * @param end - Its last ones.
   */
  tooLong(begin?: Buffer, end?: Buffer): void {
    const ends = begin && end && ([begin, end] as const);
    const answered = ends && longAnswerId(...ends);
    if (answered) this.#session?.answered(refusedAnswer(answered, TOO_LONG));
    const id = ends && longAsk(...ends)?.id;
    this.#send(writeError(id, RpcError.of(RpcCode.invalidRequest, TOO_LONG).text));
  }

  /** The client says nothing more. What it has asked is answered: what takes more than so many milliseconds, by an error. */
  async finish(withinMs: number): Promise<void> {
    const timer = setTimeout(() => {
      this.end(tooLate(withinMs));
    }, withinMs);
    await Promise.all([this.#running.settled(), this.#session?.finish()]);
    clearTimeout(timer);
    this.close();
  }

  /** The gateway ends the client: what has not been answered is answered with this. */
  end(why: string): void {
    if (this.#isClosed) return;
    const error = endedRequest(why).text;
    for (const id of [...this.#running.unanswered(), ...(this.#session?.unanswered() ?? [])])
      this.#send(writeError(id, error));
    this.close();
  }

  /** The client has gone, or is ended. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#session?.close();
    this.#options.sessions.remove(this.#options.id);
    this.#modern.endWhere(() => true);
    this.#options.wire.close();
  }

  #take(frame: Frame): void {
    switch (frame.kind) {
      case 'request':
        this.#request(frame);
        break;
      case 'notification':
        this.#notification(frame);
        break;
      default:
        this.#session?.answered(frame);
    }
  }

  #request(frame: RequestFrame): void {
    if (!this.#options.isOpen()) {
      this.#send(writeError(frame.id, CLOSING.text));
      return;
    }
    // A session that was begun with a handshake stays what it is.
    if (this.#session && frame.method !== 'initialize') {
      this.#legacyRequest(frame);
      return;
    }
    const inbound = classifyRequest(frame);
    if (inbound.era === 'none') {
      this.#send(writeError(frame.id, inbound.error.text));
      return;
    }
    if (inbound.era === 'modern' && inbound.envelope && this.#options.eras === 'both') {
      this.#modernRequest(frame, inbound.envelope);
      return;
    }
    if (!this.#isModern) {
      this.#legacyRequest(frame);
      return;
    }
    const error =
      frame.method === 'initialize'
        ? unsupportedVersion(frame.params?.text('protocolVersion'))
        : RpcError.of(RpcCode.invalidParams, 'Request is missing the required _meta envelope');
    this.#send(writeError(frame.id, error.text));
  }

  #modernRequest(frame: RequestFrame, envelope: Envelope): void {
    // A client may ask what is spoken and then speak the other era.
    if (frame.method !== 'server/discover') this.#isModern = true;
    const { caller, endpoint } = this.#options;
    let running: RunningRequest;
    try {
      running = this.#running.add(frame);
    } catch (error) {
      this.#send(writeError(frame.id, (error as RpcError).text));
      return;
    }
    const wire = this.#wireOf(() => this.#running.remove(running));
    running.cancellation = this.#modern.start(frame, envelope, caller, endpoint, wire);
  }

  #legacyRequest(frame: RequestFrame): void {
    if (frame.method === 'initialize' && !this.#isIntroduced) {
      void this.#begin(frame);
      return;
    }
    const session = this.#session ?? this.#open(STRANGER);
    if (!session) {
      this.#send(writeError(frame.id, NO_ROOM.text));
      return;
    }
    if (frame.method !== 'initialize') this.#goOn();
    const wire = this.#wireOf(() => {});
    session.request(frame, wire);
  }

  async #begin(frame: RequestFrame): Promise<void> {
    const id = Buffer.from(frame.id);
    try {
      const hello = readHello(frame.params);
      const session = this.#introduced(hello);
      if (!session) throw NO_ROOM;
      this.#isIntroduced = true;
      const introduction = await this.#options.endpoint.introduction(session.peer);
      this.#send(writeResult(id, helloResult(hello.version, introduction)));
    } catch (error) {
      this.#send(writeError(id, (error as RpcError).text));
    }
    this.#isGreeted = this.#isIntroduced;
    if (this.#wentOn) this.#goOn();
  }

  /**
   * Until its handshake is over a client is told and asked nothing: some clients stop at what they do not expect, and it can
   * have seen nothing yet that has changed. Source: MCP specification 2025-11-25, "Lifecycle", initialization.
   */
  get #isReady(): boolean {
    return this.#isGreeted && this.#wentOn;
  }

  #goOn(): void {
    if (!this.#isIntroduced) return;
    this.#wentOn = true;
    if (this.#isReady) for (const frame of this.#early.splice(0)) this.#send(frame);
  }

  /** The session of a client that says who it is: what it has asked before, as a ping, goes on. */
  #introduced(hello: Hello): ClientSession | undefined {
    if (!this.#session) return this.#open(hello);
    this.#session.introduce(hello);
    this.#version = hello.version;
    return this.#session;
  }

  #open(hello: Hello): ClientSession | undefined {
    const { id, caller, endpoint, pipeline, sessions, early } = this.#options;
    const session = new ClientSession({
      id,
      caller,
      hello,
      endpoint,
      pipeline,
      early,
      notify: (_message, frame) => {
        if (this.#isReady) this.#options.wire.send(frame(), true);
      },
      send: (frame) => {
        if (this.#isReady) this.#send(frame);
        else this.#early.push(frame);
      },
      onLogLevel: () => {},
    });
    const live: Session = {
      peer: session.peer,
      endpoint,
      close: () => this.end(SESSION_ENDED),
      open: 1,
      lastUsedAt: 0,
    };
    if (!sessions.add(live)) return undefined;
    this.#session = session;
    this.#version = hello.version;
    return session;
  }

  #notification(frame: NotificationFrame): void {
    if (frame.method === 'notifications/cancelled') {
      this.#running.cancel(frame.params?.bytes('requestId'), new Error(frame.params?.text('reason') ?? ''));
    }
    if (frame.method === 'notifications/initialized') this.#goOn();
    this.#session?.notification(frame);
  }

  #wireOf(over: () => void): RequestWire {
    return {
      send: (frame, isOptional) => this.#options.wire.send(frame, isOptional),
      end: (frame) => {
        over();
        if (frame) this.#send(frame);
      },
    };
  }

  #refuse({ id, rpcCode, message }: FrameError): void {
    this.#send(writeError(id, RpcError.of(rpcCode, message).text));
  }

  #send(frame: Bytes): void {
    if (!this.#isClosed) this.#options.wire.send(frame, false);
  }
}
