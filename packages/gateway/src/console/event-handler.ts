import { whenOver } from '../transport/when-over.ts';
import { ApiFailure, badRequest } from './api-failure.ts';
import { ANSWERED, type ApiHandler, type ApiRequest, type Visitor } from './api-handler.ts';
import { readPlace } from './event-place.ts';
import { ConsoleStream, type EventSources } from './event-stream.ts';
import { readLineFilter } from './log-handler.ts';

/** Streams of one session, and of all together; those of the admin socket are counted apart, so that nobody shuts out who is at the machine. */
const OF_ONE = 8;
const OF_ALL = 64;

const ROUND_MS = 250;
/** Rounds between two looks at the states of servers, and at whether each stream may still look. */
const STATES_EVERY = 4;
const CHECK_EVERY = 60;

const TOPICS = ['tick', 'upstream', 'call', 'log'];

interface Open {
  readonly stream: ConsoleStream;
  readonly visitor: Visitor;
}

/** The streams of events that are open. One timer serves them all, and none runs while nobody looks. */
export class EventStreams {
  readonly #sources: EventSources;
  readonly #open = new Set<Open>();
  #timer: NodeJS.Timeout | undefined;
  #rounds = 0;

  constructor(sources: EventSources) {
    this.#sources = sources;
  }

  get handler(): ApiHandler {
    return { method: 'GET', path: 'events', role: 'viewer', handle: (asked) => this.#begin(asked) };
  }

  /** Whether somebody wants to be told of calls. */
  get wantsCalls(): boolean {
    return [...this.#open].some(({ stream }) => stream.hasTopic('call'));
  }

  get size(): number {
    return this.#open.size;
  }

  /** Tells every stream what is new: four times a second. */
  round(): void {
    this.#rounds++;
    const upstreams = this.#rounds % STATES_EVERY === 0 ? this.#sources.upstreams() : undefined;
    for (const open of [...this.#open]) {
      if (this.#rounds % CHECK_EVERY === 0 && !this.#mayLook(open)) continue;
      open.stream.round();
      if (upstreams) open.stream.states(upstreams);
    }
  }

  /** Ends those of one visitor at once: it has signed out. */
  endOf(key: string): void {
    for (const open of this.#open) if (open.visitor.key === key) open.stream.end('signed out');
  }

  closeAll(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const { stream } of this.#open) stream.end('the gateway is closing');
  }

  #begin({ visitor, query, request, response }: ApiRequest): typeof ANSWERED {
    this.#mustHaveRoom(visitor);
    const filter = readLineFilter(query);
    const topics = new Set(query.get('topics')?.split(',') ?? TOPICS);
    const unknown = [...topics].find((topic) => !TOPICS.includes(topic));
    if (unknown !== undefined) throw badRequest(`There is no topic "${unknown}"; there are ${TOPICS.join(', ')}`);
    const last = request.headers['last-event-id'] ?? query.get('after') ?? undefined;
    const from = typeof last === 'string' ? readPlace(this.#sources.boot, last) : undefined;
    const stream = new ConsoleStream(response, this.#sources, {
      ...filter,
      topics,
      from,
      isLost: last !== undefined && !from,
    });
    const open = { stream, visitor };
    this.#open.add(open);
    this.#timer ??= setInterval(() => this.round(), ROUND_MS).unref();
    whenOver(response, () => {
      this.#open.delete(open);
      if (this.#open.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
    stream.round();
    return ANSWERED;
  }

  #mustHaveRoom({ key, via }: Visitor): void {
    const isLocal = via === 'socket';
    const others = [...this.#open].filter(({ visitor }) => (visitor.via === 'socket') === isLocal);
    const ofThis = others.filter(({ visitor }) => visitor.key === key);
    if (others.length < OF_ALL && ofThis.length < OF_ONE) return;
    const whose = ofThis.length >= OF_ONE ? `This session has ${OF_ONE}` : `There are ${OF_ALL}`;
    const more = { remedy: 'Close a page of the console', headers: { 'retry-after': '15' } };
    throw new ApiFailure(429, 'TOO_MANY_STREAMS', `${whose} streams of events already`, more);
  }

  #mayLook({ stream, visitor }: Open): boolean {
    if (visitor.still()) {
      stream.sign();
      return true;
    }
    stream.end('the session has ended');
    return false;
  }
}
