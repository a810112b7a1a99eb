import type { Subscriptions } from '../call/subscriptions.ts';
import type { TaskOwners } from '../call/task-owners.ts';
import type { Logger } from '../logger.ts';
import type { ModernHttp } from '../server/http-modern.ts';
import { type JsonObject, type Message, textOf } from '../upstream/message.ts';
import type { ListName, Upstream, UpstreamEvents } from '../upstream/upstream.ts';
import type { Sessions } from './sessions.ts';

/** The notification of each list's change; templates have none of their own. */
const NOTIFICATIONS = {
  tools: ['notifications/tools/list_changed', 'tools_list_changed'],
  prompts: ['notifications/prompts/list_changed', 'prompts_list_changed'],
  resources: ['notifications/resources/list_changed', 'resources_list_changed'],
  resourceTemplates: ['notifications/resources/list_changed', 'resources_list_changed'],
} as const satisfies Record<ListName, readonly [string, string]>;

export interface AnnouncerOptions {
  readonly sessions: Sessions;
  readonly modern: ModernHttp;
  readonly subscriptions: Subscriptions;
  readonly tasks: TaskOwners;
  readonly logger: Logger;
}

/** Tells clients what has changed at the servers they see. */
export class Announcer implements UpstreamEvents {
  readonly #options: AnnouncerOptions;
  readonly #changed = new Map<Upstream, Set<ListName>>();
  #announcing: NodeJS.Immediate | undefined;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** Changes of one turn of the event loop are announced together: a server that starts changes four lists. */
  changed(upstream: Upstream, lists: readonly ListName[]): void {
    const known = this.#changed.get(upstream) ?? new Set();
    this.#changed.set(upstream, new Set([...known, ...lists]));
    this.#announcing ??= setImmediate(() => this.#announce());
  }

  resourceUpdated(upstream: Upstream, params: JsonObject): void {
    const { sessions, subscriptions, modern } = this.#options;
    const uri = textOf(params.uri);
    const message = { method: 'notifications/resources/updated', params };
    for (const { peer } of sessions.watching(upstream)) {
      if (subscriptions.has(peer.key, upstream, uri) || peer.era === 'modern') void peer.notify(message);
    }
    modern.publish(upstream, { kind: 'resource_updated', uri, params });
  }

  notified(upstream: Upstream, message: Message): void {
    const { sessions, tasks } = this.#options;
    const aboutTask = message.method === 'notifications/tasks/status';
    const owner = aboutTask ? tasks.clientOf(message.params?.taskId, upstream) : undefined;
    for (const { peer } of sessions.watching(upstream)) {
      if (!aboutTask || peer.key === owner) void peer.notify(message);
    }
  }

  stateChanged(upstream: Upstream): void {
    this.#options.logger.debug(upstream.status(), 'state of a server');
  }

  #announce(): void {
    this.#announcing = undefined;
    const { sessions, modern } = this.#options;
    for (const [upstream, lists] of this.#changed) {
      const kinds = new Map([...lists].map((list) => NOTIFICATIONS[list]));
      for (const [method, kind] of kinds) {
        for (const { peer } of sessions.watching(upstream)) void peer.notify({ method });
        modern.publish(upstream, { kind });
      }
    }
    this.#changed.clear();
  }
}
