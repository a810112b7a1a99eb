import type { Era } from './era.ts';

/** What is known of one method of MCP. */
export interface MethodFacts {
  /** `up` from client to server, `down` from server to client, `both` either way. */
  readonly direction: 'up' | 'down' | 'both';
  readonly kind: 'request' | 'notification';
  readonly eras: readonly Era[];
  /** The capability a server declares where it answers this method; none for what every server may answer. */
  readonly capability?: 'resources' | 'prompts' | 'completions' | 'logging';
  /** The member of `params` that names what is asked for; the header `Mcp-Name` repeats it. */
  readonly names?: 'name' | 'uri' | 'taskId';
  /** Hands data out or does something: the audit log has a line for each. */
  readonly audited?: true;
  /** Only asks, or sets what is set already: done twice, it is as done once. Of a tool, the tool says it. */
  readonly repeatable?: true;
  /** Results say how long they may be kept (`ttlMs`, `cacheScope`), in the modern era. */
  readonly cacheable?: true;
}

const BOTH: readonly Era[] = ['legacy', 'modern'];
const LEGACY: readonly Era[] = ['legacy'];
const MODERN: readonly Era[] = ['modern'];

/** Requests of clients to servers. Sources: MCP specifications 2025-11-25 and 2026-07-28, "Schema reference". */
export type ClientRequest =
  | 'initialize'
  | 'ping'
  | 'server/discover'
  | 'subscriptions/listen'
  | 'tools/list'
  | 'tools/call'
  | 'resources/list'
  | 'resources/templates/list'
  | 'resources/read'
  | 'resources/subscribe'
  | 'resources/unsubscribe'
  | 'prompts/list'
  | 'prompts/get'
  | 'completion/complete'
  | 'logging/setLevel'
  | 'tasks/list'
  | 'tasks/get'
  | 'tasks/result'
  | 'tasks/cancel'
  | 'tasks/update';

/** Requests of servers to clients; the modern era has them as parts of answers. */
export type ServerRequest = 'ping' | 'sampling/createMessage' | 'elicitation/create' | 'roots/list';

/** Notifications of clients to servers. */
export type ClientNotification =
  | 'notifications/initialized'
  | 'notifications/cancelled'
  | 'notifications/progress'
  | 'notifications/roots/list_changed';

/** Notifications of servers to clients. */
export type ServerNotification =
  | 'notifications/cancelled'
  | 'notifications/progress'
  | 'notifications/message'
  | 'notifications/resources/updated'
  | 'notifications/resources/list_changed'
  | 'notifications/tools/list_changed'
  | 'notifications/prompts/list_changed'
  | 'notifications/tasks/status'
  | 'notifications/elicitation/complete'
  | 'notifications/subscriptions/acknowledged';

/** The methods that MCP defines, of both eras. */
export type Method = ClientRequest | ServerRequest | ClientNotification | ServerNotification;

/** What the lists above say of a method, so that the table cannot say otherwise. */
interface Listed<M extends Method> {
  readonly direction: M extends ClientRequest | ClientNotification
    ? M extends ServerRequest | ServerNotification
      ? 'both'
      : 'up'
    : 'down';
  readonly kind: M extends ClientRequest | ServerRequest ? 'request' : 'notification';
}

/** What is known of each. */
const METHODS: { readonly [M in Method]: MethodFacts & Listed<M> } = {
  initialize: { direction: 'up', kind: 'request', eras: LEGACY },
  ping: { direction: 'both', kind: 'request', eras: LEGACY, repeatable: true },
  'server/discover': { direction: 'up', kind: 'request', eras: MODERN, cacheable: true, repeatable: true },
  'subscriptions/listen': { direction: 'up', kind: 'request', eras: MODERN },
  'tools/list': { direction: 'up', kind: 'request', eras: BOTH, cacheable: true, repeatable: true },
  'tools/call': { direction: 'up', kind: 'request', eras: BOTH, names: 'name', audited: true },
  'resources/list': {
    direction: 'up',
    kind: 'request',
    eras: BOTH,
    capability: 'resources',
    cacheable: true,
    repeatable: true,
  },
  'resources/templates/list': {
    direction: 'up',
    kind: 'request',
    eras: BOTH,
    capability: 'resources',
    cacheable: true,
    repeatable: true,
  },
  'resources/read': {
    direction: 'up',
    kind: 'request',
    eras: BOTH,
    capability: 'resources',
    names: 'uri',
    audited: true,
    cacheable: true,
    repeatable: true,
  },
  'resources/subscribe': { direction: 'up', kind: 'request', eras: LEGACY, capability: 'resources', repeatable: true },
  'resources/unsubscribe': {
    direction: 'up',
    kind: 'request',
    eras: LEGACY,
    capability: 'resources',
    repeatable: true,
  },
  'prompts/list': {
    direction: 'up',
    kind: 'request',
    eras: BOTH,
    capability: 'prompts',
    cacheable: true,
    repeatable: true,
  },
  'prompts/get': {
    direction: 'up',
    kind: 'request',
    eras: BOTH,
    capability: 'prompts',
    names: 'name',
    audited: true,
    repeatable: true,
  },
  'completion/complete': {
    direction: 'up',
    kind: 'request',
    eras: BOTH,
    capability: 'completions',
    audited: true,
    repeatable: true,
  },
  'logging/setLevel': { direction: 'up', kind: 'request', eras: LEGACY, capability: 'logging', repeatable: true },
  'tasks/list': { direction: 'up', kind: 'request', eras: LEGACY, repeatable: true },
  'tasks/get': { direction: 'up', kind: 'request', eras: BOTH, names: 'taskId', repeatable: true },
  'tasks/result': { direction: 'up', kind: 'request', eras: LEGACY, repeatable: true },
  'tasks/cancel': { direction: 'up', kind: 'request', eras: BOTH, names: 'taskId' },
  'tasks/update': { direction: 'up', kind: 'request', eras: MODERN, names: 'taskId' },
  'sampling/createMessage': { direction: 'down', kind: 'request', eras: LEGACY },
  'elicitation/create': { direction: 'down', kind: 'request', eras: LEGACY },
  'roots/list': { direction: 'down', kind: 'request', eras: LEGACY },
  'notifications/initialized': { direction: 'up', kind: 'notification', eras: LEGACY },
  'notifications/cancelled': { direction: 'both', kind: 'notification', eras: BOTH },
  'notifications/progress': { direction: 'both', kind: 'notification', eras: BOTH },
  'notifications/roots/list_changed': { direction: 'up', kind: 'notification', eras: LEGACY },
  'notifications/message': { direction: 'down', kind: 'notification', eras: BOTH },
  'notifications/resources/updated': { direction: 'down', kind: 'notification', eras: BOTH },
  'notifications/resources/list_changed': { direction: 'down', kind: 'notification', eras: BOTH },
  'notifications/tools/list_changed': { direction: 'down', kind: 'notification', eras: BOTH },
  'notifications/prompts/list_changed': { direction: 'down', kind: 'notification', eras: BOTH },
  'notifications/tasks/status': { direction: 'down', kind: 'notification', eras: LEGACY },
  'notifications/elicitation/complete': { direction: 'down', kind: 'notification', eras: LEGACY },
  'notifications/subscriptions/acknowledged': { direction: 'down', kind: 'notification', eras: MODERN },
};

/** What is known of a method, or undefined for one that MCP does not define. */
export function factsOf(method: string): MethodFacts | undefined {
  return Object.hasOwn(METHODS, method) ? METHODS[method as Method] : undefined;
}
