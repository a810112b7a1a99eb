import { ALL_LISTS, EMPTY_OFFER, type ListName, type Offer } from '../catalog/offer.ts';
import type { Redact } from '../config/secrets.ts';
import { isProgram, type ServerEntry } from '../config/servers-section.ts';
import type { Logger } from '../logger.ts';
import { Cancellation } from '../protocol/cancellation.ts';
import type { Era } from '../protocol/era.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import type { Authorizer } from '../transport/authorized-client.ts';
import type { Programs } from '../transport/programs.ts';
import { BaseLogLevel } from './base-log-level.ts';
import type { Connection } from './connection.ts';
import type { ConnectionEvents } from './connection-options.ts';
import { LOGIN_CHANGED, RENEWED, SESSION_EXPIRED } from './end-reasons.ts';
import { readFirstOffer } from './first-offer.ts';
import type { LeftOut } from './left-out.ts';
import { ListenStream } from './listen-stream.ts';
import { MissedChanges } from './missed-changes.ts';
import { nobodyToAsk } from './nobody-to-ask.ts';
import { openConnection } from './open-connection.ts';
import type { OwnIdentity } from './outbound-params.ts';
import { CHANGES, readOffer } from './read-offer.ts';
import { Supervisor } from './supervisor.ts';
import { unlessSameFile } from './unless-same-file.ts';
import type { UpstreamState, Watch } from './upstream.ts';
import { WatchedResources } from './watched-resources.ts';
import { withinTime } from './within-time.ts';
import { withoutWords } from './without-words.ts';

export interface SharedConnectionOptions extends OwnIdentity {
  readonly server: string;
  readonly entry: ServerEntry;
  /** `any` finds out what the server speaks. */
  readonly era: Era | 'any';
  readonly programs: Programs;
  /** Gives requests over HTTP their credential. @default what the entry's "headers" hold */
  readonly authorizer?: Authorizer | undefined;
  /** Whether somebody waits for its program to start. */
  readonly isAwaited: boolean;
  readonly logger: Logger;
  readonly redact: Redact;
  /** Whether a guard decides on what the server says. */
  readonly isGuarded: () => boolean;
  readonly leftOut: LeftOut;
  readonly now: () => number;
  readonly random: () => number;
  readonly onState: (state: UpstreamState, reason: string | undefined) => void;
  /** The lists have changed, or begin to be answered. */
  readonly onChanged: (lists: readonly ListName[]) => void;
  /** A resource has changed; `source` is the connection that says so. */
  readonly onUpdated: (params: ObjectText, source: object) => void;
  readonly onStray: ConnectionEvents['onStray'];
  /** Whole lines that its program has written to stderr, without secrets. */
  readonly onStderr: (text: string) => void;
  /** The server has said that it does not speak the era that was wanted. */
  readonly onRefusedEra?: () => void;
}

/** When a list is read again that the server has answered with an error, in milliseconds. */
const FAILED_LIST_MS = 60_000;

/** One supervised connection of one era that all clients share, with what it offers. */
export class SharedConnection {
  readonly logLevel: BaseLogLevel;
  readonly #options: SharedConnectionOptions;
  readonly #watched: WatchedResources;
  readonly #supervisor: Supervisor<Connection>;
  readonly #closing = new Cancellation();
  readonly #stale = new Set<ListName>();
  readonly #missed: MissedChanges;
  #offer: Offer = EMPTY_OFFER;
  #knownEra: Era | undefined;
  #isReading = false;
  #again: NodeJS.Timeout | undefined;
  #ending: Promise<void> = Promise.resolve();
  /** The current one, and earlier ones whose calls are still running. */
  readonly #live = new Set<Connection>();

  constructor(options: SharedConnectionOptions) {
    this.#options = options;
    const open = (): Promise<Connection> => this.#openInTurn();
    this.#supervisor = new Supervisor<Connection>({
      open: options.entry.type === 'wasm' ? unlessSameFile(options.entry.wasm, open) : open,
      onState: (state, reason) => {
        options.onState(state, reason);
        if (state === 'running') this.#greet(this.#supervisor.current as Connection);
      },
      isInOrder: (reason) => reason === SESSION_EXPIRED || reason === LOGIN_CHANGED,
      now: options.now,
      random: options.random,
    });
    const connection = (): Connection | undefined => this.#supervisor.current;
    const { server, entry } = options;
    this.#watched = new WatchedResources({
      limit: { server, timeoutMs: entry.callTimeoutMs },
      connection,
      onError: (error) => this.#onError(error),
      onMessage: (message) => this.#onNews(message),
    });
    this.#missed = new MissedChanges(() => this.#lookAtMissed(), options.now);
    this.logLevel = new BaseLogLevel(connection, (error) => this.#onError(error));
  }

  start(): void {
    this.#supervisor.start();
  }

  /** Resolves when the first start has succeeded or failed. */
  get settled(): Promise<void> {
    return this.#supervisor.settled;
  }

  get state(): UpstreamState {
    return this.#supervisor.state;
  }

  get restarts(): number {
    return this.#supervisor.restarts;
  }

  get current(): Connection | undefined {
    return this.#supervisor.current;
  }

  /** Resolves when there is a connection, or to undefined when the next attempt has failed or the time is over. */
  next(cancellation: Cancellation): Promise<Connection | undefined> {
    return this.#supervisor.next(cancellation);
  }

  /** Opens another in place of the one that is open; where none is, it is tried at once. */
  reconnect(): void {
    if (this.#supervisor.current) this.#supervisor.current.retire(LOGIN_CHANGED);
    else this.#supervisor.wake();
  }

  /**
   * Opens another beside the one that is open, which takes its place once it is up; what runs on the old one goes on there. Resolves to
   * whether one is open that was opened since the call.
   *
   * @throws why the other could not be opened.
   */
  renew(): Promise<boolean> {
    return this.#supervisor.replace((old) => old.retire(RENEWED));
  }

  /** Whether it is known what it offers. */
  get hasBeenUp(): boolean {
    return this.#offer !== EMPTY_OFFER;
  }

  get offer(): Offer {
    return this.#offer;
  }

  /** What it spoke when it was last up. */
  get knownEra(): Era | undefined {
    return this.#knownEra;
  }

  /** Watches a resource on it. */
  async watch(uri: string, cancellation: Cancellation): Promise<Watch> {
    return { source: this, release: await this.#watched.add(uri, cancellation) };
  }

  async close(): Promise<void> {
    this.#closing.cancel(new Error('the gateway no longer serves it'));
    clearTimeout(this.#again);
    this.#missed.close();
    const left = [...this.#live].map((connection) => connection.close());
    await Promise.all([this.#supervisor.close(), this.#ending, ...left]);
  }

  #openInTurn(): Promise<Connection> {
    const { entry, programs, isAwaited } = this.#options;
    const open = (): Promise<Connection> => this.#open();
    return isProgram(entry)
      ? programs.inTurn(open, { cancellation: this.#closing, isAwaited: () => isAwaited })
      : open();
  }

  async #open(): Promise<Connection> {
    const { entry, programs, authorizer, server, clientInfo, capabilities, era, redact, isGuarded } = this.#options;
    const open = (wanted: Era | 'any'): Promise<Connection> =>
      openConnection({
        server,
        entry,
        programs,
        authorizer,
        clientInfo,
        capabilities,
        era: wanted,
        cancellation: this.#closing,
        onNews: (message) => this.#onNews(message),
        onMissed: () => this.#missed.note(),
        onStray: this.#options.onStray,
        onRefusedEra: this.#options.onRefusedEra,
        redact,
        isGuarded,
        ask: nobodyToAsk,
        onError: (error) => this.#onError(error),
        onStderr: this.#options.onStderr,
        onEnding: (ending) => {
          this.#ending = ending;
        },
      });
    // What was found out before saves the question; a new version of the server may speak another era.
    const known = era === 'any' ? this.#knownEra : undefined;
    const connection = await (known === undefined ? open(era) : open(known).catch(() => open('any')));
    try {
      await this.#readAll(connection);
    } catch (error) {
      await connection.close();
      throw withoutWords(error as Error, { isGuarded, onError: (said) => this.#onError(said) });
    }
    this.#knownEra = connection.facts.era;
    this.#live.add(connection);
    void connection.gone.then(() => this.#live.delete(connection));
    return connection;
  }

  async #readAll(connection: Connection): Promise<void> {
    const { entry, leftOut } = this.#options;
    const { connectTimeoutMs } = entry;
    this.#stale.clear(); // what was announced before is in what is read now
    this.#offer = await readFirstOffer(connection, { connectTimeoutMs, leftOut, cancellation: this.#closing });
  }

  #greet(connection: Connection): void {
    this.#options.onChanged(ALL_LISTS);
    this.#refresh([]);
    void this.#watched.renew();
    this.logLevel.renew();
    if (connection.isModern) this.#listen(connection);
    this.#lookAtFailed();
  }

  /** A list that failed, of a server whose database is down say, costs nothing but itself, and is read again later. */
  #lookAtFailed(): void {
    const { failed = {} } = this.#offer;
    const lists = ALL_LISTS.filter((list) => failed[list] !== undefined);
    if (lists.length === 0) return;
    const { server, logger } = this.#options;
    const reasons = lists.map((list) => failed[list]?.message);
    logger.debug({ server, lists, reasons }, 'server answers lists with errors; they are empty, and read again later');
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#refresh(lists), FAILED_LIST_MS).unref();
  }

  #lookAtMissed(): void {
    this.#refresh(ALL_LISTS);
    this.#watched.missed();
  }

  /** Modern servers report changes only to those who listen; one that refuses is served with the lists it has given. */
  #listen(connection: Connection): void {
    const { capabilities } = connection.facts;
    const filter = Object.fromEntries(
      (['tools', 'resources', 'prompts'] as const)
        .filter((area) => capabilities.object(area)?.value('listChanged') === true)
        .map((area) => [`${area}ListChanged`, true]),
    );
    if (Object.keys(filter).length === 0) return;
    const stream = new ListenStream({
      connection,
      filter,
      onMessage: (message) => this.#onNews(message),
      onMissed: () => this.#refresh(ALL_LISTS),
    });
    stream.acknowledged.catch((error: Error) => this.#onError(error));
  }

  #onNews(message: Message): void {
    const lists = CHANGES.get(message.method);
    if (lists) this.#refresh(lists);
    else if (message.method === 'notifications/resources/updated') {
      if (message.params) this.#options.onUpdated(message.params, this);
    } else this.#options.onStray(message);
  }

  /**
   * Changes that are announced while lists are read, the first time too, are read once, afterwards: a server may announce them
   * in a loop.
   */
  #refresh(lists: readonly ListName[]): void {
    for (const list of lists) this.#stale.add(list);
    if (this.#isReading) return;
    this.#isReading = true;
    void this.#readStale().finally(() => {
      this.#isReading = false;
    });
  }

  async #readStale(): Promise<void> {
    while (this.#stale.size > 0) {
      const connection = this.#supervisor.current;
      if (!connection) return;
      const lists = [...this.#stale];
      this.#stale.clear();
      const { entry, leftOut } = this.#options;
      const { callTimeoutMs } = entry;
      const late = (): Error => new Error(`it did not answer with its lists within ${callTimeoutMs} ms`);
      const before = this.#offer;
      const read = (cancellation: Cancellation): Promise<Offer> =>
        readOffer(connection, { cancellation, leftOut, lists, before });
      try {
        const offer = await withinTime(callTimeoutMs, late, read, this.#closing);
        if (this.#supervisor.current !== connection) continue;
        this.#offer = offer;
        this.#options.onChanged(lists);
        this.#lookAtFailed();
      } catch (error) {
        this.#onError(error as Error);
      }
    }
  }

  #onError(error: Error): void {
    const { server, logger } = this.#options;
    logger.debug({ server, error: error.message }, 'server or connection reported an error');
  }
}
