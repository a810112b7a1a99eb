import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { Elsewhere } from '../../src/http/elsewhere.ts';
import { SessionRequests } from '../../src/http/session-requests.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { KeepAlive } from '../../src/transport/keep-alive.ts';
import { QuickResponse } from '../../src/transport/quick/quick-response.ts';
import { whenOver } from '../../src/transport/when-over.ts';
import { begunHeld, connection, endpoint } from '../session/held-session.ts';

const response = () => new QuickResponse({ socket: new Socket(), connectionLines: () => '', answered: () => {} });

test('a client that left while its token was checked, or its session was read, has no stream and keeps no session open', async () => {
  const { session, sessions } = await begunHeld();
  const elsewhere = { holders: { ofStream: () => undefined } } as unknown as Elsewhere;
  const requests = new SessionRequests({
    sessions,
    elsewhere,
    keepAlive: new KeepAlive(() => 0),
    isLeaving: () => false,
  });
  const own = connection();
  session.listen(own.target);
  const left = response();
  left.over();
  const accepted = { json: true, stream: true };
  const request = { headers: { 'mcp-session-id': session.peer.key } } as never;
  await requests.get({ request, response: left, endpoint, caller: session.caller, accepted, headers: {} });
  void session.peer.ask({ method: 'roots/list', params: undefined }, new Cancellation());
  expect(own.sent.at(-1)).toContain('roots/list');
  expect(session.open).toBe(0);
});

test.each(['before', 'after'])('that an answer is over is told once to who asks %s that', async (when) => {
  const answer = response();
  let told = 0;
  if (when === 'before') whenOver(answer, () => told++);
  answer.over();
  if (when === 'after') whenOver(answer, () => told++);
  await Promise.resolve();
  answer.over();
  expect(told).toBe(1);
});
