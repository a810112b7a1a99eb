import { type Diagnosis, sentenceOf } from '../diagnosis.ts';
import { isOfLogin, UpstreamFaultError, UpstreamLostError, UpstreamUnavailableError } from '../errors.ts';
import { MetaKey } from '../protocol/era.ts';
import type { Exchange } from '../protocol/exchange.ts';
import type { Frame } from '../protocol/frame/frame.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { type Bytes, writeNotification, writeRequest } from '../protocol/frame/write-frame.ts';
import type { Message } from '../protocol/message.ts';
import { resultForLegacy, withoutMark } from '../protocol/results.ts';
import { RpcError } from '../protocol/rpc-error.ts';
import { GuestFailedError, NoAnswerError, type ServerLink, TooLongAnswerError } from '../transport/server-link.ts';
import { Attribution, originOf, unlessDone } from './attribution.ts';
import { type ConnectionOptions, NOTHING_KNOWN, type RequestOptions, type ServerFacts } from './connection-options.ts';
import { SESSION_EXPIRED } from './end-reasons.ts';
import { MisreadFrames } from './misread-frames.ts';
import { type OwnIdentity, outboundParams } from './outbound-params.ts';
import type { PendingRequest } from './pending-request.ts';
import { PendingRequests } from './pending-requests.ts';
import { type ReadBytesOptions, readBytes } from './read-bytes.ts';
import { refusalError, standingOf } from './refusal-error.ts';
import { ServerQuestions } from './server-questions.ts';
import { standardHeaders } from './standard-headers.ts';
import { StrayMessages } from './stray-messages.ts';

const NEWS = /^notifications\/([^/]+\/list_changed|resources\/updated|tasks\/status)$/;

/** One connection to an MCP server. Requests and results pass through it as they are; answers are found by the gateway's own ids. */
export class Connection {
  /** Resolves when the connection takes nothing more, whoever ended it, to the reason. */
  readonly closed: Promise<string>;
  /** Resolves when it works on nothing any longer either. */
  readonly gone: Promise<void>;
  readonly #options: ConnectionOptions;
  readonly #link: ServerLink;
  readonly #pending = new PendingRequests({
    onFrame: (bytes, own) => this.#receive(bytes, own, false),
    onEvent: (bytes, own) => this.#receive(bytes, own),
    onRefused: (refusal, own) => this.#refusal(own, refusal),
    onFailed: (cause, reached, own) => this.#failure(own, cause, reached),
    onCancelled: (reason, own) => this.#cancel(own, reason),
    onEnded: (own) => this.#forget(own),
  });
  readonly #attribution: Attribution;
  readonly #questions: ServerQuestions;
  readonly #strays: StrayMessages;
  readonly #misreads: MisreadFrames;
  readonly #reading: ReadBytesOptions;
  readonly #answeredNow: PendingRequest[] = [];
  #holder: Exchange | undefined;
  readonly #ended: (reason: string) => void;
  readonly #leave: () => void;
  /** Resolves when the server has shown that it runs, by whatever it wrote. */
  readonly signed: Promise<void>;
  readonly #sign: () => void;
  #facts: ServerFacts = NOTHING_KNOWN;
  #isOpen = false;
  #endReason: string | undefined;
  #endDiagnosis: Diagnosis | undefined;
  #isGone = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#link = options.link;
    this.#strays = new StrayMessages((error) => options.onError(error));
    this.#attribution = new Attribution(this.#pending, options);
    const { promise, resolve } = Promise.withResolvers<string>();
    this.closed = promise;
    this.#ended = resolve;
    const { promise: gone, resolve: leave } = Promise.withResolvers<void>();
    this.gone = gone;
    this.#leave = leave;
    const { promise: signed, resolve: sign } = Promise.withResolvers<void>();
    this.signed = signed;
    this.#sign = sign;
    const { server, onError } = options;
    const send = (frame: Bytes): void => void this.#link.send(frame, undefined, this.#modernHeaders(''));
    this.#misreads = new MisreadFrames({ server, pending: this.#pending, strays: this.#strays, send, onError });
    this.#reading = { strays: this.#strays, misreads: this.#misreads, onFrame: (frame, own) => this.#take(frame, own) };
    this.#questions = new ServerQuestions({
      send,
      stray: (message, cancellation) => (this.#holder ?? options).ask(message, cancellation),
    });
  }

  /** @throws an Error that says why the server cannot be reached. */
  start(): Promise<void> {
    return this.#link.start({
      frame: (bytes) => this.#receive(bytes, undefined),
      tooLong: (id, cause) => this.#pending.get(id)?.failed(cause, true),
      tooLongAsked: (id, maxBytes) => this.#misreads.tooLong(id, maxBytes),
      sign: this.#sign,
      missed: () => this.#options.onMissed?.(),
      ended: (reason, remedy) => this.#end(reason, remedy),
    });
  }

  /** The server has introduced itself; a legacy one is told that the handshake is over. Resolves when requests may follow. */
  async opened(facts: ServerFacts): Promise<void> {
    this.#facts = facts;
    this.#isOpen = true;
    this.#strays.introduced();
    if (facts.era === 'modern') return;
    const initialized = writeNotification('notifications/initialized');
    if (this.#link.settled) await this.#link.settled(facts.version, initialized);
    else this.#link.send(initialized);
  }

  /** How the gateway introduces itself on it. */
  get identity(): OwnIdentity {
    return this.#options;
  }

  /** Whether the server remembers something of the client that spoke on it, so that no other may use it. */
  get isPersonal(): boolean {
    return this.#questions.hasAskedRoots;
  }

  /** Resolves when the server has asked for roots and been told; where there is a request to hold for it, its client is asked. */
  async rootsTold(holder: Exchange | undefined): Promise<void> {
    this.#holder = holder;
    await this.#questions.rootsTold;
  }

  /** Whether the handshake is over. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  get facts(): ServerFacts {
    return this.#facts;
  }

  get endReason(): string | undefined {
    return this.#endReason;
  }

  /** The same in two halves, where it is known what to do about it. */
  get endDiagnosis(): Diagnosis | undefined {
    return this.#endDiagnosis;
  }

  get isModern(): boolean {
    return this.#facts.era === 'modern';
  }

  /**
   * Sends a request and resolves to its result.
   *
   * @throws the server's own RpcError; GATEWAY_UPSTREAM_LOST, GATEWAY_UPSTREAM_UNAVAILABLE, GATEWAY_UPSTREAM_REFUSED,
   * GATEWAY_UPSTREAM_FAULT; the reason of the cancellation.
   */
  request({ method, params }: Message, options: RequestOptions): Promise<ObjectText> {
    const { cancellation, exchange, headers, take } = options;
    if (cancellation.cancelled) return Promise.reject(cancellation.reason);
    if (exchange) this.#attribution.called(exchange);
    const pending = this.#pending.open(method, exchange, take);
    const { id } = pending;
    const { era } = this.#facts;
    try {
      const sent = outboundParams(era, id, params, exchange, this.#options);
      const all = era === 'modern' ? { ...headers, ...standardHeaders(method, sent) } : headers;
      pending.abort = this.#link.send(writeRequest(id, method, sent), pending, all);
      pending.follow(cancellation);
    } catch (error) {
      pending.reject(error);
    }
    return pending.answer;
  }

  notify({ method, params }: Message): void {
    this.#link.send(writeNotification(method, params), undefined, this.#modernHeaders(method));
  }

  async close(): Promise<void> {
    await this.#link.close();
    this.#end('it was closed');
  }

  /** The connection is of no more use: it ends with this reason, and its owner opens another. */
  abandon(reason: string): void {
    this.#end(reason);
    void this.#link.close();
  }

  #modernHeaders(method: string): Record<string, string> | undefined {
    return this.isModern && method !== '' ? standardHeaders(method, undefined) : undefined;
  }

  /** A modern request over HTTP is cancelled by closing its stream; every other by a notification. */
  #cancel({ id, abort }: PendingRequest, reason: unknown): void {
    if (!(this.isModern && this.#link.ownStreams)) {
      const text = reason instanceof Error ? reason.message : '';
      const params = ObjectText.from({ requestId: id, ...(text !== '' && { reason: text }) });
      this.notify({ method: 'notifications/cancelled', params });
    }
    abort();
  }

  /** Once what came in the same piece has been read: who waited for an answer may be meant by what stands behind it. */
  #forget(pending: PendingRequest): void {
    if (this.#answeredNow.push(pending) > 1) return;
    queueMicrotask(() => {
      for (const answered of this.#answeredNow.splice(0)) this.#pending.remove(answered);
      if (this.#endReason !== undefined) this.#endWhenIdle();
    });
  }

  /** False where it is no frame, nor what is left of an answer. */
  #receive(bytes: Buffer, own: PendingRequest | undefined, mayFollow = true): boolean {
    this.#sign();
    return readBytes(bytes, own, mayFollow, this.#reading);
  }

  #take(frame: Frame, own: PendingRequest | undefined): void {
    switch (frame.kind) {
      case 'result':
        this.#answered(frame.id, own, (pending) => pending.resolve(this.#resultFor(pending, frame.result)));
        break;
      case 'error':
        this.#answered(frame.id, own, (pending) => pending.reject(RpcError.received(frame.error)));
        break;
      case 'request':
        this.#questions.take(frame, this.#attribution.askers(frame.method, own), originOf(own));
        break;
      case 'notification':
        this.#notified(frame, own);
        break;
      default: {
        const unknown: never = frame;
        throw new TypeError(String(unknown));
      }
    }
  }

  /** An answer must carry the id that was sent; one without an id can only mean the request whose stream it came on. */
  #answered(id: Buffer | undefined, own: PendingRequest | undefined, settle: (pending: PendingRequest) => void): void {
    const pending = id === undefined ? own : this.#pending.named(id);
    if (pending) settle(pending);
    else this.#strays.add(() => new Error('the server answered a request that nobody waits for'));
  }

  /** What the gateway itself has asked for, such as a list, it keeps as the server wrote it. */
  #resultFor({ method, exchange }: PendingRequest, result: ObjectText): ObjectText {
    if (method === 'initialize') this.#strays.introduced();
    if (!this.isModern || exchange?.peer.era !== 'legacy') return result;
    return resultForLegacy(method, withoutMark(result));
  }

  #notified({ method, params }: Message, own: PendingRequest | undefined): void {
    if (this.#strays.takesEarly()) return;
    if (method === 'notifications/progress') {
      this.#progressed(params);
      return;
    }
    if (method === 'notifications/cancelled') {
      this.#questions.cancel(params);
      return;
    }
    const meta = params?.object('_meta');
    const subscription = meta?.value(MetaKey.subscriptionId);
    const listener = own ?? (typeof subscription === 'number' ? this.#pending.get(subscription) : undefined);
    if (unlessDone(listener)?.take?.({ method, params })) return;
    if (NEWS.test(method)) {
      this.#options.onNews({ method, params });
      return;
    }
    this.#attribution.tell({ method, params }, own);
  }

  #progressed(params: ObjectText | undefined): void {
    const token = params?.value('progressToken');
    const pending = typeof token === 'number' ? this.#pending.get(token) : undefined;
    const exchange = unlessDone(pending)?.exchange;
    if (!params || exchange?.progressToken === undefined) return;
    exchange.notify({ method: 'notifications/progress', params: params.with('progressToken', exchange.progressToken) });
  }

  #refusal(pending: PendingRequest, refusal: Parameters<typeof refusalError>[0]): Error {
    const { server, link } = this.#options;
    const standing = standingOf(link, pending.exchange, this.#isOpen ? this.#facts.era : undefined);
    const { error, isExpired } = refusalError(refusal, server, standing);
    // The end of the connection says less of this request than its own error.
    this.#pending.remove(pending);
    if (isExpired) this.retire(SESSION_EXPIRED);
    return error;
  }

  #failure(pending: PendingRequest, cause: Error, reached: boolean): Error {
    const { server } = this.#options;
    const { method } = pending;
    if (cause instanceof TooLongAnswerError)
      return new UpstreamFaultError({ server, method, problem: cause.message }, { cause });
    if (cause instanceof NoAnswerError) return new UpstreamFaultError({ server, method, isMessage: true }, { cause });
    // The connection is as good as before: it is the gateway's own credential that is missing.
    if (isOfLogin(cause)) return cause;
    const reason = cause instanceof GuestFailedError ? { reason: cause.message } : {};
    if (reached) return new UpstreamLostError({ server, method, ...reason }, { cause });
    this.#pending.remove(pending);
    this.abandon(cause.message);
    return new UpstreamUnavailableError({ server, state: 'restarting', reason: cause.message }, { cause });
  }

  /** It takes nothing more, but what clients still wait for may well be answered. */
  retire(reason: string): void {
    this.#endReason ??= reason;
    this.#ended(this.#endReason);
    this.#endWhenIdle();
  }

  #endWhenIdle(): void {
    if (this.#isGone || this.#pending.all.some(({ exchange }) => exchange)) return;
    this.abandon(this.#endReason ?? '');
  }

  #end(how: string, remedy?: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    const reason = remedy === undefined ? how : sentenceOf({ problem: how, remedy });
    if (remedy !== undefined) this.#endDiagnosis = { problem: how, remedy };
    this.#strays.flush();
    this.#endReason ??= reason;
    this.#ended(this.#endReason);
    this.#leave();
    this.#questions.closeAll();
    for (const pending of this.#pending.all) {
      const facts = { server: this.#options.server, method: pending.method, reason };
      pending.reject(new UpstreamLostError(facts, { cause: new Error(reason) }));
    }
  }
}
