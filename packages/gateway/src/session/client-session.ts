import type { Endpoint } from '../call/endpoint.ts';
import type { Pipeline } from '../call/pipeline.ts';
import { Cancellation } from '../protocol/cancellation.ts';
import type { ErrorFrame, NotificationFrame, RequestFrame, ResultFrame } from '../protocol/frame/frame.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import { type Bytes, writeError } from '../protocol/frame/write-frame.ts';
import type { Hello } from '../protocol/introduction.ts';
import { LOG_LEVELS, wants } from '../protocol/log-level.ts';
import type { Message } from '../protocol/message.ts';
import type { Caller, Peer } from '../protocol/peer.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { whyNotAsked } from '../protocol/why-not-asked.ts';
import { answerRequest, type RequestWire } from './answer-request.ts';
import type { EarlyCancellations } from './early-cancellations.ts';
import { Questions } from './questions.ts';
import { type RunningRequest, RunningRequests } from './running-requests.ts';
import { sharedFrame } from './shared-frame.ts';

/** What a server is told that asks such a client. */
const UNREAD =
  'The client reads no questions: its requests accept application/json alone, and have to accept text/event-stream as well.';

export interface ClientSessionOptions {
  readonly id: string;
  readonly caller: Caller;
  readonly hello: Hello;
  readonly logLevel?: string | undefined;
  readonly endpoint: Endpoint;
  readonly pipeline: Pipeline;
  /** Takes a notification that belongs to no request; what cannot be told now is its business. */
  readonly notify: (message: Message, frame: () => Bytes) => void;
  /** Takes a question that belongs to no request. */
  readonly send: (frame: Bytes) => void;
  /** Whether a question can only wait, because the client reads nothing now. @default it is read */
  readonly isUnread?: () => boolean;
  readonly onLogLevel: (level: string) => void;
  /** This gateway's name, where several share the session. */
  readonly replica?: string | undefined;
  /** Remembers what the client cancels before it comes, where its frames have no order. @default they have one */
  readonly early?: EarlyCancellations | undefined;
  /** Told what the client has cancelled where nothing of it runs here. @default nobody is told */
  readonly onCancelled?: (params: ObjectText) => void;
  readonly noteSubscription?: Peer['noteSubscription'];
}

/** One legacy client that stays: what it has asked and been asked, wherever its frames come from and go to. */
export class ClientSession {
  readonly peer: Peer;
  readonly endpoint: Endpoint;
  readonly #options: ClientSessionOptions;
  readonly #running = new RunningRequests();
  readonly #questions: Questions;
  #logLevel: string | undefined;
  #hello: Hello;

  constructor(options: ClientSessionOptions) {
    this.#options = options;
    this.#questions = new Questions(options.replica);
    this.endpoint = options.endpoint;
    this.#logLevel = options.logLevel;
    const { id, caller } = options;
    this.#hello = options.hello;
    const hello = (): Hello => this.#hello;
    const ask: Peer['ask'] = (message, cancellation) => this.#ask(message, cancellation, options.send, true);
    const logLevel = (): string | undefined => this.#logLevel;
    this.peer = {
      key: id,
      caller,
      profile: options.endpoint.profile,
      era: 'legacy',
      get version() {
        return hello().version;
      },
      get capabilities() {
        return hello().capabilities;
      },
      get clientInfo() {
        return hello().clientInfo;
      },
      get logLevel() {
        return logLevel();
      },
      notify: (message) => {
        if (!wants(message, this.#logLevel, 'legacy')) return;
        options.notify(message, () => sharedFrame(message));
      },
      noteSubscription: options.noteSubscription,
      ask,
    };
  }

  /** A client that has asked for something before its handshake says who it is. */
  introduce(hello: Hello): void {
    this.#hello = hello;
  }

  /** Answers a request on its own wire. Several may have the same id: each gets its own answer. */
  request(frame: RequestFrame, wire: RequestWire): void {
    if (frame.method === 'initialize') {
      const error = RpcError.of(RpcCode.invalidRequest, 'Invalid Request: the session has been initialized already');
      wire.end(writeError(frame.id, error.text), error);
      return;
    }
    if (frame.method === 'logging/setLevel') this.#setLogLevel(frame.params?.text('level'));
    const cancellation = new Cancellation();
    let running: RunningRequest;
    try {
      running = this.#running.add(frame, cancellation, wire);
    } catch (error) {
      const { text } = error as RpcError;
      wire.end(writeError(frame.id, text), error as RpcError);
      return;
    }
    const { id, early, endpoint, pipeline } = this.#options;
    const reason = early?.take(id, frame.id);
    if (reason) cancellation.cancel(reason);
    void answerRequest({
      frame,
      peer: this.peer,
      endpoint,
      pipeline,
      cancellation,
      wire,
      ask: (message, wanted, origin) => {
        // Any call of this client may have been meant: it is asked where it reads.
        const isElsewhere = origin === 'shared' && wire.isRead === false;
        const send = isElsewhere ? this.#options.send : (question: Bytes) => wire.send(question, false);
        return this.#ask(message, wanted, send, false);
      },
      over: () => this.#running.remove(running),
    });
  }

  notification({ method, params }: NotificationFrame): void {
    if (method === 'notifications/initialized') return;
    if (method !== 'notifications/cancelled') {
      const message = { method, params: params?.copy() };
      void this.#options.pipeline.notified(message, this.peer, this.endpoint);
      return;
    }
    if (params && !this.cancelled(params)) this.#options.onCancelled?.(params);
  }

  /** The client has cancelled a request; false where nothing of it runs here. */
  cancelled(params: ObjectText): boolean {
    const isHere = this.#running.cancel(params.bytes('requestId'), new Error(params.text('reason') ?? ''));
    if (!isHere) this.#options.early?.note(this.#options.id, params);
    return isHere;
  }

  /** The client has chosen a level at another gateway. */
  async logLevelChosen(level: string): Promise<void> {
    this.#logLevel = level;
    const visible = this.endpoint.visibleTo(this.peer.caller);
    await Promise.allSettled(visible.map(({ upstream }) => upstream.logLevelChanged(this.peer)));
  }

  /** Takes the client's answer to a question; false where it was asked none. */
  answered(frame: ResultFrame | ErrorFrame): boolean {
    return this.#questions.answered(frame);
  }

  /** Ends everything the client waits for. @param reason - An `RpcError` is what its requests are answered with. */
  close(reason: Error = new Error('the client has gone')): void {
    // First the reason: without answers to its questions, requests would end with another one.
    this.#running.cancelAll(reason);
    this.#questions.closeAll();
  }

  /** The client says nothing more: it answers no question. Resolves when everything it has asked has been answered. */
  finish(): Promise<void> {
    this.#questions.closeAll();
    return this.#running.settled();
  }

  /** Refuses what waits for the client to read it, where a request of it takes its answer alone; false where none does. */
  refuseUnread(): boolean {
    if (!this.#whyUnread()) return false;
    this.#questions.closeAll(UNREAD);
    return true;
  }

  /** The ids of what is being answered and ends by itself. */
  unanswered(): Buffer[] {
    return this.#running.unanswered();
  }

  /** Where the answer of the newest request goes of which the client reads what is sent; undefined where there is none. */
  get readWire(): RequestWire | undefined {
    return this.#running.readWire;
  }

  /** Asks the client what it says that it takes, and nothing else. */
  async #ask(
    message: Message,
    cancellation: Cancellation,
    send: (frame: Bytes) => void,
    isStray: boolean,
  ): Promise<ObjectText> {
    const refusal =
      whyNotAsked(message.method, message.params?.text('mode'), this.peer.capabilities) ?? this.#whyUnread();
    if (refusal) throw refusal;
    return await this.#questions.ask(message, cancellation, send, isStray);
  }

  /** One that asks for answers alone, and reads no stream beside them, is not going to read a question. */
  #whyUnread(): RpcError | undefined {
    if (!this.#options.isUnread?.() || !this.#running.takesOnlyAnswer) return undefined;
    return RpcError.of(RpcCode.internalError, UNREAD);
  }

  #setLogLevel(level: string | undefined): void {
    if (level === undefined || !LOG_LEVELS.includes(level)) return;
    this.#logLevel = level;
    this.#options.onLogLevel(level);
  }
}
