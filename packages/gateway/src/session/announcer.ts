import type { Permissions } from '../access/permissions.ts';
import { refusedQuestion } from '../call/guarded-exchange.ts';
import type { Listeners } from '../call/listeners.ts';
import type { ServedList } from '../call/served.ts';
import type { StrayFrames } from '../call/stray-frames.ts';
import type { Subscriptions } from '../call/subscriptions.ts';
import type { TaskOwners } from '../call/task-owners.ts';
import { ALL_LISTS, type ListName } from '../catalog/offer.ts';
import type { Pins } from '../consent/pins.ts';
import type { Logger } from '../logger.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import type { Caller, Peer } from '../protocol/peer.ts';
import { silentPeer } from '../protocol/silent-peer.ts';
import type { Replicas } from '../replicas/replicas.ts';
import type { Upstream, UpstreamEvents } from '../upstream/upstream.ts';
import type { Sessions } from './sessions.ts';

/** The notification of each list's change; templates have none of their own. */
const NOTIFICATIONS: Readonly<Record<ListName, string>> = {
  tools: 'notifications/tools/list_changed',
  prompts: 'notifications/prompts/list_changed',
  resources: 'notifications/resources/list_changed',
  resourceTemplates: 'notifications/resources/list_changed',
};

export interface AnnouncerOptions {
  readonly served: ServedList;
  readonly permissions: Permissions;
  readonly pins: Pins;
  readonly sessions: Sessions;
  readonly listeners: Listeners;
  readonly subscriptions: Subscriptions;
  readonly tasks: TaskOwners;
  readonly frames: StrayFrames;
  readonly logger: Logger;
  /** Other gateways, which hear from their own servers and programs only. @default there are none */
  readonly others?: OtherGateways;
}

export interface OtherGateways {
  readonly replicas: Replicas;
  /** Whether the others have another server of this name. */
  readonly isOwnServer: (name: string) => boolean;
  /** Resolves when servers have had time to start, which is no news for the others. */
  readonly startWindow: Promise<void>;
}

/**
 * Tells clients what has changed at the servers they see. A server that is no longer served, and still answers its last calls,
 * says nothing beside them: its rule has gone with it.
 */
export class Announcer implements UpstreamEvents {
  readonly #options: AnnouncerOptions;
  readonly #changed = new Map<Upstream, Set<ListName>>();
  #viewsChanged = false;
  #hasStarted = false;
  #announcing: NodeJS.Immediate | undefined;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    const { others, served } = options;
    void others?.startWindow.then(() => {
      this.#hasStarted = true;
    });
    others?.replicas.on('changed', ({ from, server, lists }) => {
      const upstream = served.get(server)?.upstream;
      if (upstream && from !== others.replicas.name) this.#tellChanged(upstream, lists as readonly ListName[], false);
    });
  }

  /** Changes of one turn of the event loop are announced together: a server that starts changes four lists. */
  changed(upstream: Upstream, lists: readonly ListName[] = ALL_LISTS): void {
    const known = this.#changed.get(upstream) ?? new Set();
    this.#changed.set(upstream, new Set([...known, ...lists]));
    this.#announcing ??= setImmediate(() => this.#announce());
  }

  /** Clients may be shown other tools from now on, although no server has changed. */
  viewsChanged(): void {
    this.#viewsChanged = true;
    for (const { upstream } of this.#options.served.all) this.changed(upstream, ['tools']);
  }

  resourceUpdated(upstream: Upstream, params: ObjectText, source: object): void {
    if (!this.#isServed(upstream)) return;
    const { sessions, subscriptions, listeners } = this.#options;
    const uri = params.text('uri') ?? '';
    const message = { method: 'notifications/resources/updated', params };
    for (const { peer } of sessions.watching(upstream)) {
      if (subscriptions.has(peer.key, upstream, uri, source)) this.#tell(upstream, peer, message);
    }
    listeners.resourceUpdated(upstream, message, source);
  }

  toldCaller(upstream: Upstream, message: Message, caller: Caller): void {
    if (this.#isServed(upstream)) this.#options.listeners.tellCaller(upstream, message, caller);
  }

  notified(upstream: Upstream, message: Message, caller?: string): void {
    if (!this.#isServed(upstream)) return;
    if (message.method === 'notifications/tasks/status') {
      void this.#taskChanged(upstream, { ...message, params: message.params?.copy() });
      return;
    }
    for (const { peer } of this.#options.sessions.watching(upstream)) {
      if (caller === undefined || peer.caller.name === caller) this.#tell(upstream, peer, message);
    }
  }

  told(upstream: Upstream, message: Message, peer: Peer): void {
    if (!this.#isServed(upstream)) return;
    const { method, params } = message;
    if (method === NOTIFICATIONS.tools && !this.#listsTools(peer)) return;
    const isUpdate = method === 'notifications/resources/updated';
    if (isUpdate && !this.#mayHear(upstream, peer, params?.text('uri') ?? '')) return;
    this.#tell(upstream, peer, message);
  }

  async asked(upstream: Upstream, message: Message, peer: Peer, cancellation: Cancellation): Promise<ObjectText> {
    if (!this.#isServed(upstream)) throw refusedQuestion(message);
    return this.#options.frames.ask(upstream.name, peer, message, cancellation);
  }

  async mayIntroduce(upstream: Upstream, peer: Peer): Promise<boolean> {
    return this.#isServed(upstream) && this.#options.frames.mayIntroduce(upstream.name, peer);
  }

  stateChanged(upstream: Upstream): void {
    this.#options.logger.debug(upstream.status(), 'state of a server');
  }

  crowded(sessions: Iterable<string>): string | undefined {
    return this.#options.sessions.endSilent(sessions);
  }

  /** Whether a client has subscribed to a resource, or to what it is a part of, and may use it. */
  #mayHear(upstream: Upstream, peer: Peer, uri: string): boolean {
    const { served, permissions, subscriptions } = this.#options;
    const from = served.of(upstream);
    if (!from || !subscriptions.wants(peer.key, upstream, uri)) return false;
    return permissions.of(peer.caller).allows('resource', from, uri);
  }

  /** Whether a client reads the list of tools, so that its changes are news to it. */
  #listsTools(peer: Peer): boolean {
    return this.#options.sessions.of(peer)?.endpoint.listsTools(peer.caller) ?? true;
  }

  #isServed(upstream: Upstream): boolean {
    return this.#options.served.of(upstream) !== undefined;
  }

  /** News of a task are for the client whose task it is. */
  async #taskChanged(upstream: Upstream, message: Message): Promise<void> {
    const { sessions, tasks } = this.#options;
    const owner = await tasks.sessionOf(message.params?.text('taskId'), upstream.name).catch(() => undefined);
    for (const { peer } of sessions.watching(upstream)) if (peer.key === owner) this.#tell(upstream, peer, message);
  }

  /** The one way of a notification that belongs to no request to a client that stays. */
  #tell(upstream: Upstream, peer: Peer, message: Message): void {
    this.#options.frames.down(upstream.name, peer, message, (passed) => peer.notify(passed));
  }

  /** Whoever runs the gateway learns at once of what is withheld, and not with the next call. */
  async #look(upstream: Upstream): Promise<void> {
    const { pins, logger } = this.#options;
    try {
      const offer = await upstream.offer(silentPeer('', { name: 'pins' }), false);
      if (this.#isServed(upstream)) await pins.admit(upstream.name, offer);
    } catch (error) {
      logger.warn({ server: upstream.name, err: error }, 'what a server offers cannot be compared with its pins');
    }
  }

  #announce(): void {
    this.#announcing = undefined;
    const isForAll = this.#viewsChanged;
    this.#viewsChanged = false;
    for (const [upstream, lists] of this.#changed) {
      if (this.#options.pins.isOn) void this.#look(upstream);
      if (lists.has('resources') && this.#isServed(upstream)) void this.#options.subscriptions.follow(upstream);
      this.#tellChanged(upstream, [...lists], isForAll);
      if (!isForAll) this.#tellOthers(upstream.name, [...lists]);
    }
    this.#changed.clear();
  }

  #tellChanged(upstream: Upstream, lists: readonly ListName[], isForAll: boolean): void {
    const { sessions, listeners } = this.#options;
    for (const method of new Set(lists.map((list) => NOTIFICATIONS[list]))) {
      const message = { method, params: undefined };
      const isTools = method === NOTIFICATIONS.tools;
      for (const { peer, endpoint } of sessions.watching(upstream)) {
        if (!isTools || isForAll || endpoint.listsTools(peer.caller)) this.#tell(upstream, peer, message);
      }
      listeners.publish(upstream, message, isTools && !isForAll);
    }
  }

  #tellOthers(server: string, lists: readonly ListName[]): void {
    const { others } = this.#options;
    const from = others?.replicas.name;
    if (from === undefined || !this.#hasStarted || !others?.isOwnServer(server)) return;
    others.replicas.tellAllSurely({ kind: 'changed', from, server, lists });
  }
}
