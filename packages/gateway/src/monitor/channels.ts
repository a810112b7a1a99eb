import type { Frame } from '../protocol/frame/frame.ts';
import type { ClientNotification, ClientRequest, ServerNotification, ServerRequest } from '../protocol/methods.ts';
import type { Channel } from './decision.ts';

/** How a request of a client gets to a server. */
export type RequestUpRule =
  /** It does not: the gateway answers it itself. */
  | 'own'
  /** The phases of a call, under the name of its tool or method. */
  | 'call'
  /** It names addresses, which are data: each needs read and write agreement with the resource behind it. */
  | 'address'
  /** An address that is given up: whoever could give it once may have it taken back where write agreement holds. */
  | 'given-address'
  /** One word of a short list. */
  | 'word'
  /** The gateway introduces itself, and says of the client what write agreement allows. */
  | 'introduction';

/** How a notification of a client gets to a server. */
export type NotificationUpRule =
  /** It does not: the gateway does what it says. A cancelled request is told its server without the client's reason. */
  | 'own'
  /** Without its parameters. */
  | 'bare'
  /** Its numbers, under a token that the server has given. */
  | 'numbers'
  /** Where write agreement holds with what the guard says of the method. */
  | 'write';

/** How a request of a server gets to a client. */
export type RequestDownRule =
  /** It does not: the gateway answers it itself. */
  | 'own'
  /** The question is read and its answer written, both of the resource of the call it belongs to. */
  | 'question';

/** How a notification of a server gets to a client. */
export type NotificationDownRule =
  /** It does not: it is meant for the gateway. */
  | 'own'
  /** Without its parameters. */
  | 'bare'
  /** All of it, as a read of the resource of its call, or of what the guard says of the method where there is no call. */
  | 'contents'
  /** Its address alone, as a read of the resource behind it, and only to those who asked this very server for it. */
  | 'address'
  /** All of it, as a read of what the call read that began the task. */
  | 'task';

/** How an answer gets back. */
export type AnswerRule =
  /** Phases 4 to 6: part by part. */
  | 'parts'
  /** All or nothing, as a read of the call's resource. */
  | 'contents'
  /** All or nothing, as a write to the resource of the call that the question belongs to, checked when it is sent. */
  | 'write';

const REQUESTS_UP = {
  initialize: 'introduction',
  ping: 'own',
  'server/discover': 'own',
  // Names, descriptions and schemas are configuration and no data.
  'tools/list': 'own',
  'resources/list': 'own',
  'resources/templates/list': 'own',
  'prompts/list': 'own',
  'subscriptions/listen': 'address',
  'resources/subscribe': 'address',
  'resources/unsubscribe': 'given-address',
  'logging/setLevel': 'word',
  'tools/call': 'call',
  'resources/read': 'call',
  'prompts/get': 'call',
  'completion/complete': 'call',
  'tasks/list': 'call',
  'tasks/get': 'call',
  'tasks/result': 'call',
  'tasks/cancel': 'call',
  'tasks/update': 'call',
} as const satisfies Record<ClientRequest, RequestUpRule>;

const NOTIFICATIONS_UP = {
  'notifications/initialized': 'own',
  'notifications/cancelled': 'own',
  'notifications/roots/list_changed': 'bare',
  'notifications/progress': 'numbers',
} as const satisfies Record<ClientNotification, NotificationUpRule>;

const REQUESTS_DOWN = {
  ping: 'own',
  'elicitation/create': 'question',
  'sampling/createMessage': 'question',
  'roots/list': 'question',
} as const satisfies Record<ServerRequest, RequestDownRule>;

const NOTIFICATIONS_DOWN = {
  // A question that is taken back is told the client under the gateway's own id, and nothing else of it.
  'notifications/cancelled': 'own',
  'notifications/subscriptions/acknowledged': 'own',
  'notifications/tools/list_changed': 'bare',
  'notifications/prompts/list_changed': 'bare',
  'notifications/resources/list_changed': 'bare',
  'notifications/progress': 'contents',
  'notifications/message': 'contents',
  'notifications/elicitation/complete': 'contents',
  'notifications/resources/updated': 'address',
  'notifications/tasks/status': 'task',
} as const satisfies Record<ServerNotification, NotificationDownRule>;

/** By which way the answer goes. */
const ANSWERS = {
  down: { result: 'parts', error: 'contents' },
  up: { result: 'write', error: 'write' },
} as const satisfies Record<Channel['direction'], Record<Exclude<Frame['kind'], Asking>, AnswerRule>>;

type Asking = 'request' | 'notification';

/** What each rule means, for people. */
const MEANINGS: Readonly<
  Record<RequestUpRule | NotificationUpRule | RequestDownRule | NotificationDownRule | AnswerRule, string>
> = {
  own: 'the gateway answers or does it itself',
  call: 'the phases of a call',
  address: 'the address is data',
  'given-address': 'the address is data, and written once more',
  word: 'one of a few words',
  introduction: 'a write of what the client says of itself',
  bare: 'passes without its parameters',
  numbers: 'its numbers pass, and its words as a write',
  write: 'a write to what the call or method is about',
  question: 'the question is a read and its answer a write of what the call is about',
  contents: 'a read of what the call or method is about',
  task: 'a read of what the call read that began the task',
  parts: 'a read of each of its parts',
};

/** Methods that nobody knows are calls under their own name. */
export function requestUpRule(method: string): RequestUpRule {
  return of<RequestUpRule>(REQUESTS_UP, method) ?? 'call';
}

export function notificationUpRule(method: string): NotificationUpRule {
  return of<NotificationUpRule>(NOTIFICATIONS_UP, method) ?? 'write';
}

/** Undefined for what nobody knows: it is denied. */
export function requestDownRule(method: string): RequestDownRule | undefined {
  return of<RequestDownRule>(REQUESTS_DOWN, method);
}

export function notificationDownRule(method: string): NotificationDownRule {
  return of<NotificationDownRule>(NOTIFICATIONS_DOWN, method) ?? 'contents';
}

/** What the table says of a frame that was decided on, in words. */
export function meaningOf({ direction, method }: Channel): string {
  if (method === 'error') return MEANINGS[ANSWERS[direction].error];
  const isAnswer = direction === 'up' && requestDownRule(method) === 'question';
  if (isAnswer) return MEANINGS[ANSWERS.up.result];
  if (direction === 'up') {
    const isRequest = Object.hasOwn(REQUESTS_UP, method);
    return MEANINGS[isRequest ? requestUpRule(method) : notificationUpRule(method)];
  }
  return MEANINGS[requestDownRule(method) ?? notificationDownRule(method)];
}

function of<R>(table: Readonly<Record<string, R>>, method: string): R | undefined {
  return Object.hasOwn(table, method) ? table[method] : undefined;
}
