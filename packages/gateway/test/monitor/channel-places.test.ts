import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import {
  meaningOf,
  notificationDownRule,
  notificationUpRule,
  requestDownRule,
  requestUpRule,
} from '../../src/monitor/channels.ts';
import { METHODS } from '../../src/protocol/frame/methods.ts';
import { factsOf } from '../../src/protocol/methods.ts';

const sources = fileURLToPath(new URL('../../src/', import.meta.url));

/** How a frame has passed the monitor where it is written or handed on, or why it need not. */
const WAYS = {
  checked: 'the monitor lets it pass in this very place',
  call: '`monitored` was given to do it: the call was let pass, and the exchange is the guarded one',
  exchange: 'it goes to the exchange of a call, which is the guarded one where anything is guarded',
  after: 'the monitor has let it pass before it comes here',
  address: 'the monitor has let the address pass before, in `Subscriptions`',
  own: 'the gateway speaks for itself: of a client or server nothing is in it that was not let pass',
  word: 'it is one of a few words',
  guard: 'the guard asks its own server, and what it learns becomes labels',
  received: 'it comes from the client',
} as const;

/** Every place that makes a frame, or hands on what becomes one. A new place needs an answer to the question how it passes the monitor. */
const PLACES: Readonly<Record<keyof typeof WAYS, readonly string[]>> = {
  checked: [
    'call/guarded-exchange.ts: #client.ask(message',
    'call/guarded-exchange.ts: #client.notify(kept',
    'call/pipeline.ts: upstream.forward(passed',
    'call/stray-frames.ts: peer.ask(message',
    'session/announcer.ts: frames.ask(upstream.name',
    'session/announcer.ts: peer.notify(passed',
    'upstream/connection.ts: options).ask(message',
  ],
  call: [
    'call/forward.ts: upstream.request(message',
    'call/pipeline.ts: served.forwarder.forward(own',
    'upstream/mcp-upstream.ts: connection.request(message',
    'upstream/mcp-upstream.ts: connection.request(sent',
    'upstream/plugin-upstream.ts: handle.request(method',
  ],
  exchange: [
    "upstream/ask-to-log-in.ts: exchange.ask({ method: 'elicitation/create'",
    'upstream/login-upstream.ts: account.upstream.request(message',
    'upstream/login-upstream.ts: upstream.request(message',
    'call/forward.ts: exchange.ask(message',
    'call/forward.ts: exchange.notify(message',
    'call/input-required.ts: exchange.ask(message',
    'upstream/attribution.ts: exchange.notify(message',
    'upstream/attribution.ts: own.exchange.notify(message',
    "upstream/connection.ts: exchange.notify({ method: 'notifications/progress'",
    'upstream/client-functions.ts: caller.ask(method',
    'upstream/plugin-client.ts: #wire.ask({ method',
    'upstream/plugin-client.ts: #wire.notify({ method',
    'upstream/server-questions.ts: exchange.ask(message',
    'upstream/under-lease.ts: exchange.ask(message',
  ],
  after: [
    'upstream/login-upstream.ts: peer.caller)?.upstream.forward(message',
    'call/listeners.ts: exchange.notify({ method',
    'call/parked-calls.ts: #leg.notify(message',
    'call/parked-calls.ts: #leg.notify({ ...message',
    'session/answer-request.ts: writeError(id',
    'session/answer-request.ts: writeNotification(message.method',
    'session/answer-request.ts: writeResult(id',
    'session/client-session.ts: #questions.ask(message',
    'session/client-session.ts: options.notify(message',
    'session/shared-frame.ts: writeNotification(method',
    'session/http-session.ts: writeNotification(method',
    'session/session-news.ts: session)?.deliver([ofByteText(frame',
    'session/questions.ts: writeRequest(json',
    'upstream/connection.ts: writeNotification(method',
    'upstream/connection.ts: writeRequest(id',
    'upstream/legacy-side.ts: connection?.notify(message',
    'upstream/mcp-upstream.ts: #legacy.forward(message',
    'upstream/plugin-upstream.ts: current.handle.request(method',
    'upstream/server-questions.ts: writeError(id',
    'upstream/server-questions.ts: writeResult(id',
  ],
  address: [
    'upstream/login-upstream.ts: account.upstream.watch(uri',
    'call/subscriptions.ts: upstream.watch(uri',
    'upstream/ask-to-watch.ts: connection.request(message',
    "upstream/listen-stream.ts: connection.request({ method: 'subscriptions/listen'",
    'upstream/mcp-upstream.ts: #base).watch(uri',
    'upstream/mcp-upstream.ts: #base.watch(uri',
    'upstream/mcp-upstream.ts: #legacy.watch(uri',
  ],
  own: [
    'http/elsewhere.ts: writeError(id',
    'http/mcp-requests.ts: writeError(error.id',
    'http/mcp-requests.ts: writeError(id',
    'http/mcp-requests.ts: writeError(undefined',
    'http/refusal.ts: writeError(id',
    'http/session-requests.ts: writeError(frame.id',
    'http/session-requests.ts: writeError(id',
    'http/session-requests.ts: writeResult(id',
    'http/too-large.ts: writeError(id',
    'http/passable-answers.ts: writeError(frame.id',
    'http/stateless-requests.ts: writeError(frame.id',
    "script/script-calls.ts: exchange.notify({ method: 'notifications/progress'",
    'session/client-session.ts: writeError(frame.id',
    'session/duplex-client.ts: writeError(frame.id',
    'session/duplex-client.ts: writeError(id',
    'session/duplex-client.ts: writeError(undefined',
    'session/duplex-client.ts: writeResult(id',
    "session/kept-subscriptions.ts: client.peer.notify({ method: 'notifications/resources/updated'",
    "session/questions.ts: writeNotification('notifications/cancelled'",
    'session/resumable-stream.ts: writeError(this.#request',
    "upstream/connection.ts: notify({ method: 'notifications/cancelled'",
    "upstream/connection.ts: writeNotification('notifications/initialized'",
    "upstream/handshake.ts: connection.request({ method: 'initialize'",
    "upstream/handshake.ts: connection.request({ method: 'server/discover'",
    'upstream/first-roots.ts: connection.request(PING',
    'upstream/misread-frames.ts: writeError(Buffer.from(id',
    'upstream/handshake.ts: connection.request(message',
    'upstream/read-offer.ts: connection.request({ method: METHODS[list]',
  ],
  word: ['upstream/base-log-level.ts: connection.request(message'],
  guard: ['call/backend-call.ts: served.forwarder.forward(message'],
  received: [
    'http/session-requests.ts: session.request(frame',
    'session/duplex-client.ts: session.request(frame',
    'session/http-session.ts: client.request(frame',
    'session/kept-subscriptions.ts: client.request(frame',
  ],
};

const HANDED_ON =
  /([\w#.?)]*\.(?:notify|ask|forward|watch|request|deliver)|\bwrite(?:Request|Notification|Result|Error))\(\s*([^,)]*)/g;

test('every place that writes to a client or a server says how the frame has passed the monitor', () => {
  const files = globSync('{call,script,session,upstream,http,transport,replicas}/**/*.ts', { cwd: sources });
  const found = files.flatMap((file) => {
    const code = readFileSync(`${sources}${file}`, 'utf8').replaceAll(/^\s*(\/\/|\/?\*).*$|import [^;]*;/gm, '');
    return [...code.matchAll(HANDED_ON)].map(([, callee = '', first = '']) => {
      const name = callee.replace('this.', '').replace('#options.', '');
      return `${file}: ${name}(${first.trim().replaceAll(/\s+/g, ' ')}`;
    });
  });
  expect([...new Set(found)].sort()).toEqual(Object.values(PLACES).flat().sort());
});

test('links are written to by connections alone, clients by their sessions alone, and by what another gateway has answered', () => {
  const files = globSync('{call,script,catalog,monitor,upstream,observe,replicas}/**/*.ts', { cwd: sources });
  const writing = files.filter((file) =>
    /\b(?:link|wire|stream|response)\.(?:send|write|end)\(/.test(readFileSync(`${sources}${file}`, 'utf8')),
  );
  expect(writing.sort()).toEqual(['replicas/passing.ts', 'upstream/connection.ts']);
});

test('each method that is known has a rule each way, in words, and none other than of its kind', () => {
  for (const method of METHODS) {
    const { direction = '', kind } = factsOf(method) ?? {};
    const ways = [direction === 'down' ? [] : ['up'], direction === 'up' ? [] : ['down']].flat() as ('up' | 'down')[];
    for (const way of ways)
      expect(meaningOf({ direction: way, method }), `${way} ${method}`).toEqual(expect.any(String));
    if (kind === 'notification') expect([requestUpRule(method), requestDownRule(method)]).toEqual(['call', undefined]);
    else expect([notificationUpRule(method), notificationDownRule(method)]).toEqual(['write', 'contents']);
  }
});

test.each(['toString', '__proto__', 'constructor', 'x/unknown'])('%s is no method that anybody knows', (method) => {
  expect([
    requestUpRule(method),
    notificationUpRule(method),
    requestDownRule(method),
    notificationDownRule(method),
  ]).toEqual(['call', 'write', undefined, 'contents']);
});
