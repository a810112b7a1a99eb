import type { Endpoint } from '../call/endpoint.ts';
import type { Pipeline } from '../call/pipeline.ts';
import type { RequestFrame } from '../protocol/frame/frame.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import { type Bytes, writeNotification } from '../protocol/frame/write-frame.ts';
import type { Hello } from '../protocol/introduction.ts';
import type { Caller, Peer } from '../protocol/peer.ts';
import type { EventStream } from '../transport/event-stream.ts';
import type { RequestWire } from './answer-request.ts';
import { ClientSession } from './client-session.ts';
import type { EarlyCancellations } from './early-cancellations.ts';
import { endedRequest, SESSION_ENDED } from './ended-requests.ts';
import { isOfOwnStream, streamName } from './event-id.ts';
import { HeldChanges, isChange } from './held-changes.ts';
import { ResumableStream } from './resumable-stream.ts';
import type { Session } from './sessions.ts';
import { StreamLog } from './stream-log.ts';
import type { StreamLogRoom } from './stream-log-room.ts';

/** The first revision whose clients understand an event without data. */
const PRIMED_SINCE = '2025-11-25';

/** Questions, and what takes them back, that wait for a client to read anything. */
const MAX_EARLY = 200;

/** After so many more streams those are looked for of which nothing is left to tell. */
const SWEEP_EVERY = 500;

export interface HttpSessionOptions {
  readonly id: string;
  readonly caller: Caller;
  readonly hello: Hello;
  readonly logLevel?: string | undefined;
  readonly endpoint: Endpoint;
  readonly pipeline: Pipeline;
  readonly onLogLevel: (level: string) => void;
  /** What all sessions may keep for resumption. */
  readonly logRoom: StreamLogRoom;
  readonly replica: string | undefined;
  readonly early: EarlyCancellations;
  readonly onCancelled: (params: ObjectText) => void;
  readonly noteSubscription: Peer['noteSubscription'];
  /** The gateway that has the session's own stream, where several share the session. */
  readonly home: string | undefined;
  /** Takes a frame for the session's own stream to where that is. */
  readonly sendHome: (frame: Bytes, isOptional: boolean) => void;
}

/** What is live of one session over streamable HTTP: its requests, and the streams on which it is told things. */
export class HttpSession implements Session {
  readonly client: ClientSession;
  readonly caller: Caller;
  readonly endpoint: Endpoint;
  readonly version: string;
  readonly #log: StreamLog;
  readonly #streams = new Map<string, ResumableStream>();
  /** Streams that had ended, and whose events were no longer kept, when that was last looked for. */
  #lost: ReadonlySet<string> = new Set();
  #sweepAt = SWEEP_EVERY;
  readonly #held = new HeldChanges();
  /** The stream of what belongs to no request. */
  readonly #own: ResumableStream;
  /** Questions that came while the client read nothing: a server may ask as soon as it is connected. */
  readonly #early: Bytes[] = [];
  readonly #replica: string | undefined;
  readonly #sendHome: HttpSessionOptions['sendHome'];
  #count = 0;
  #home: string | undefined;
  open = 0;
  lastUsedAt = 0;

  constructor(options: HttpSessionOptions) {
    this.caller = options.caller;
    this.#replica = options.replica;
    this.#home = options.home;
    this.#sendHome = options.sendHome;
    this.endpoint = options.endpoint;
    this.version = options.hello.version;
    this.#log = new StreamLog(options.logRoom);
    this.#own = this.openStream();
    this.client = new ClientSession({
      ...options,
      notify: (message, frame) => {
        // What has changed at a server, the gateway at home hears as well.
        if (this.isAway && isChange(message)) return;
        if (this.isAway) this.#sendHome(frame(), true);
        else if (this.#own.isRead || !this.#held.take(message)) this.#own.send(frame(), true);
      },
      send: (frame) => this.send(frame),
      isUnread: () => !this.isAway && !this.#own.isRead && this.client.readWire === undefined,
    });
  }

  get peer(): Peer {
    return this.client.peer;
  }

  /** Whether streams begin with an event without data. */
  get primes(): boolean {
    return this.version >= PRIMED_SINCE;
  }

  /** The gateway that has the session's own stream; undefined where none shares the session. */
  get home(): string | undefined {
    return this.#home;
  }

  /** Whether the session's own stream is at another gateway. */
  get isAway(): boolean {
    return this.#home !== this.#replica;
  }

  /** Another gateway is its home now. Whoever still reads its own stream here would hear nothing more on it, and opens it there. */
  moveTo(home: string | undefined): void {
    this.#home = home;
    if (this.isAway) this.cutStream();
  }

  /** Another gateway has something for the session's own stream. */
  deliver(frame: Bytes, isOptional: boolean): void {
    if (this.isAway) return;
    if (isOptional) this.#own.send(frame, true);
    else this.send(frame);
  }

  /** Answers a request of the client. One that has no stream of its own is asked there what waits. */
  request(frame: RequestFrame, wire: RequestWire): void {
    this.client.request(frame, wire);
    this.#tellEarly();
    if (this.#early.length > 0 && this.client.refuseUnread()) this.#early.length = 0;
  }

  /**
   * Sends a frame that belongs to no request, or to one that has been left. Clients need no stream but those of their requests, and
   * not all come back for one that broke: one that has no other now is told on the newest that it reads, or when it next reads one.
   */
  send(frame: Bytes): void {
    if (this.isAway) this.#sendHome(frame, false);
    else if (this.#own.isRead) this.#own.send(frame, false);
    else {
      const wire = this.client.readWire;
      if (wire) wire.send(frame, false);
      else if (this.#early.length < MAX_EARLY) this.#early.push(frame);
    }
  }

  /**
   * A stream for one request.
   *
   * @param id - Its JSON; none where it is for several.
   */
  openStream(id?: Buffer): ResumableStream {
    const stream = new ResumableStream(streamName(this.#count++, this.#replica, id), this.#log, id);
    this.#streams.set(stream.id, stream);
    if (this.#streams.size > this.#sweepAt) this.#forgetLost();
    return stream;
  }

  /** A client reads the session's own stream from now on, and is told first what has changed before, and asked what waits. */
  listen(target: EventStream): ResumableStream {
    this.#own.attach(target, this.primes);
    this.#tellHeld();
    this.#tellEarly();
    return this.#own;
  }

  /** The stream that an event came on; undefined where nothing of it is known. */
  streamOf(eventId: string): ResumableStream | undefined {
    const id = this.#log.streamOf(eventId);
    return id === undefined ? undefined : this.#streams.get(id);
  }

  /** Whether an event came on the session's own stream at another gateway. */
  isElsewhere(eventId: string): boolean {
    return isOfOwnStream(eventId) && !eventId.startsWith(`${this.#replica}-`);
  }

  /** A client goes on with a stream after an event that it has seen. */
  resume(stream: ResumableStream, target: EventStream, lastEventId: string): void {
    stream.resume(target, lastEventId, this.primes);
    if (stream === this.#own) this.#tellHeld();
    this.#tellEarly();
  }

  dropKept(): void {
    this.#log.clear();
    this.#held.dropUpdates();
  }

  cutStream(): void {
    this.#own.cut();
  }

  /** What runs is answered with an error, which ends its stream. */
  close(): void {
    this.client.close(endedRequest(SESSION_ENDED));
    this.#own.end(undefined);
    this.#log.close();
  }

  /** Sends what waits for a client to read anything. */
  #tellEarly(): void {
    if (this.#early.length > 0) for (const frame of this.#early.splice(0)) this.send(frame);
  }

  #tellHeld(): void {
    for (const { method, params } of this.#held.release()) this.#own.send(writeNotification(method, params), true);
  }

  /** A client may come back for an answer as long as it is kept, and is told for a while after that it no longer is. */
  #forgetLost(): void {
    const kept = this.#log.streams;
    const lost = new Set<string>();
    for (const [id, stream] of this.#streams) {
      if (!stream.isEnded || kept.has(id)) continue;
      if (this.#lost.has(id)) this.#streams.delete(id);
      else lost.add(id);
    }
    this.#lost = lost;
    this.#sweepAt = this.#streams.size + SWEEP_EVERY;
  }
}
