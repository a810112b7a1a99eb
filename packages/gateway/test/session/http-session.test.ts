import { describe, expect, test } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { type RequestFrame, type ResultFrame, readFrame } from '../../src/protocol/frame/frame.ts';
import type { Bytes } from '../../src/protocol/frame/write-frame.ts';
import type { HttpSession } from '../../src/session/http-session.ts';
import { begunHeld, connection } from './held-session.ts';

const begun = async (version?: string): Promise<HttpSession> => (await begunHeld(version)).session;

/** A request whose connection broke before its answer came; answers the one event id that its client has seen. */
function brokenCall(session: HttpSession, id: number): string {
  const { sent, target } = connection();
  const stream = session.openStream(Buffer.from(String(id)));
  stream.attach(target, true);
  stream.detach(target);
  stream.end([Buffer.from(`answer ${id}`)]);
  return /^id: (\S+)\n/.exec(sent[0] ?? '')?.[1] ?? '';
}

/** What a client gets that comes back; undefined where its stream is not known. */
function comeBack(session: HttpSession, lastEventId: string): string | undefined {
  const { sent, target } = connection();
  const stream = session.streamOf(lastEventId);
  if (stream) session.resume(stream, target, lastEventId);
  return stream && sent.join();
}

test('an answer can be come back for as long as it is kept, however many streams have ended since', async () => {
  const session = await begun();
  const ids = Array.from({ length: 5_000 }, (_, id) => brokenCall(session, id));
  const kept = ids.map((eventId, id) => [id, comeBack(session, eventId)] as const).slice(-1_000);
  expect(kept.filter(([id, text]) => text !== `answer ${id}`)).toEqual([]);
});

test('of a call that ended without an answer, as a cancelled one does, nothing is said to who comes back but what was missed', async () => {
  const session = await begun();
  const { sent, target } = connection();
  const stream = session.openStream(Buffer.from('1'));
  stream.attach(target, true);
  stream.detach(target);
  stream.send([Buffer.from('progress')], false);
  stream.end(undefined);
  expect(comeBack(session, /^id: (\S+)\n/.exec(sent[0] ?? '')?.[1] ?? '')).toBe('progress');
});

test('whoever comes back soon after an answer was pushed out is told so; much later its stream is forgotten', async () => {
  const session = await begun();
  const running = session.openStream(Buffer.from('"running"'));
  const ids = Array.from({ length: 5_000 }, (_, id) => brokenCall(session, id));
  const lately = ids.slice(-1_500, -1_000).map((eventId) => comeBack(session, eventId) ?? 'unknown');
  expect(lately.filter((text) => !text.includes('no longer kept'))).toEqual([]);
  expect(comeBack(session, ids[0] ?? '')).toBeUndefined();
  expect(session.streamOf(`${running.id}_1`)).toBe(running);
});

describe('a question that belongs to no request', () => {
  const question = '{"jsonrpc":"2.0","id":"lockgate-1","method":"roots/list"}';

  /** Asks the client for its roots while a call of it runs. */
  async function asked(stream: 'none' | 'read' | 'broken') {
    const session = await begun();
    const own = connection();
    const listening = stream === 'none' ? undefined : session.listen(own.target);
    if (stream === 'broken') listening?.detach(own.target);
    own.sent.length = 0;
    const ofCall: string[] = [];
    const wire = { send: (frame: Bytes) => void ofCall.push(Buffer.concat(frame).toString()), end: () => {} };
    session.request(readFrame(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"tools/call"}')) as RequestFrame, wire);
    const roots = session.peer.ask({ method: 'roots/list', params: undefined }, new Cancellation());
    session.client.answered(
      readFrame(Buffer.from('{"jsonrpc":"2.0","id":"lockgate-1","result":{"roots":[]}}')) as ResultFrame,
    );
    return { ofCall, own: own.sent.at(-1), roots: (await roots).toValue() };
  }

  test('comes with a call of a client that never opened a stream for such, which would never see it there', async () => {
    expect(await asked('none')).toEqual({ ofCall: [question], own: undefined, roots: { roots: [] } });
  });

  test('comes with a call where the stream for such has broken, for which not every client comes back', async () => {
    expect(await asked('broken')).toEqual({ ofCall: [question], own: undefined, roots: { roots: [] } });
  });

  test('comes with the newest call whose answer its client still reads, not with one whose connection has dropped', async () => {
    const { session, pipeline } = await begunHeld();
    const calls = new Map<string, string[]>();
    const call = (id: string, isRead: boolean): void => {
      const sent: string[] = [];
      calls.set(id, sent);
      const keep = (frame: Bytes | undefined) => void sent.push(Buffer.concat(frame ?? []).toString());
      const frame = readFrame(Buffer.from(`{"jsonrpc":"2.0","id":${id},"method":"tools/call"}`)) as RequestFrame;
      session.request(frame, { send: keep, end: keep, isRead });
    };
    call('1', true);
    call('2', true);
    call('3', false);
    await pipeline.answer(0, {});
    // It takes the place of the first; the newest of all has been left by its client.
    call('4', true);
    call('5', false);
    void session.peer.ask({ method: 'roots/list', params: undefined }, new Cancellation());
    expect([...calls].filter(([, sent]) => sent.includes(question)).map(([id]) => id)).toEqual(['4']);
  });

  test.each([
    ['its next call', true],
    ['its session, once it has a stream', false],
  ])('that came while a client read nothing waits for %s, and comes once', async (_where, calls) => {
    const { session } = await begunHeld();
    const sent: string[][] = [];
    const call = (isRead: boolean): void => {
      const own: string[] = [];
      sent.push(own);
      const keep = (frame: Bytes | undefined) => void own.push(Buffer.concat(frame ?? []).toString());
      const frame = readFrame(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"tools/call"}')) as RequestFrame;
      session.request(frame, { send: keep, end: keep, isRead });
    };
    const roots = session.peer.ask({ method: 'roots/list', params: undefined }, new Cancellation());
    call(false);
    const own = connection();
    if (calls) call(true);
    session.listen(own.target);
    call(true);
    expect(sent).toEqual(calls ? [[], [question], []] : [[], []]);
    expect(own.sent.filter((text) => text === question)).toHaveLength(calls ? 0 : 1);
    session.client.answered(
      readFrame(Buffer.from('{"jsonrpc":"2.0","id":"lockgate-1","result":{"roots":[]}}')) as ResultFrame,
    );
    expect((await roots).toValue()).toEqual({ roots: [] });
  });

  test('that came while a client read nothing comes with a call that it goes on to read', async () => {
    const session = await begun();
    const stream = session.openStream(Buffer.from('1'));
    const before = connection();
    stream.attach(before.target, true);
    stream.detach(before.target);
    const frame = readFrame(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"tools/call"}')) as RequestFrame;
    const wire = {
      send: (sent: Bytes) => stream.send(sent, false),
      end: () => {},
      get isRead() {
        return stream.isRead;
      },
    };
    session.request(frame, wire);
    void session.peer.ask({ method: 'roots/list', params: undefined }, new Cancellation());
    expect(comeBack(session, /^id: (\S+)\n/.exec(before.sent[0] ?? '')?.[1] ?? '')).toContain(question);
  });

  test('comes on the stream for such of a client that has one', async () => {
    expect(await asked('read')).toEqual({ ofCall: [], own: question, roots: { roots: [] } });
  });
});

test.each([
  ['the call that another of its calls runs beside', 'shared', '1'],
  ['its own call, whose client may come back for it', 'own', '2'],
] as const)('a question on behalf of a call that its client has left comes with %s', async (_where, origin, asked) => {
  const { session, pipeline } = await begunHeld();
  const calls = new Map<string, string[]>();
  for (const [id, isRead] of [
    ['1', true],
    ['2', false],
  ] as const) {
    const sent: string[] = [];
    calls.set(id, sent);
    const keep = (frame: Bytes | undefined) => void sent.push(Buffer.concat(frame ?? []).toString());
    const frame = readFrame(Buffer.from(`{"jsonrpc":"2.0","id":${id},"method":"tools/call"}`)) as RequestFrame;
    session.request(frame, { send: keep, end: keep, isRead });
  }
  const newest = pipeline.exchanges.at(-1);
  void newest?.ask({ method: 'roots/list', params: undefined }, new Cancellation(), origin);
  expect([...calls].filter(([, sent]) => sent.length > 0).map(([id]) => id)).toEqual([asked]);
});

describe('a client whose request takes its answer alone', () => {
  const roots = { method: 'roots/list', params: undefined };
  const refusal = { code: -32_603, message: expect.stringContaining('text/event-stream') };

  /** Sends a request; what it answers are its frames. */
  function call(session: HttpSession, takesOnlyAnswer: boolean): string[] {
    const sent: string[] = [];
    const keep = (frame: Bytes | undefined) => void sent.push(Buffer.concat(frame ?? []).toString());
    const frame = readFrame(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"tools/call"}')) as RequestFrame;
    session.request(frame, { send: keep, end: keep, isRead: !takesOnlyAnswer, takesOnlyAnswer });
    return sent;
  }

  test('is asked nothing, which the server is told at once, on behalf of that request or of none', async () => {
    const { session, pipeline } = await begunHeld();
    call(session, true);
    const own = pipeline.exchanges[0]?.ask(roots, new Cancellation());
    await expect(own).rejects.toMatchObject(refusal);
    await expect(session.peer.ask(roots, new Cancellation())).rejects.toMatchObject(refusal);
  });

  test('is not asked later either what waited for it', async () => {
    const session = await begun();
    const asked = session.peer.ask(roots, new Cancellation());
    call(session, true);
    await expect(asked).rejects.toMatchObject(refusal);
    expect(call(session, false)).toEqual([]);
  });

  test('is asked where it reads a stream of its own, or another request', async () => {
    const [listening, calling] = [await begun(), await begun()];
    const own = connection();
    listening.listen(own.target);
    call(listening, true);
    void listening.peer.ask(roots, new Cancellation());
    const other = call(calling, false);
    call(calling, true);
    void calling.peer.ask(roots, new Cancellation());
    expect([own.sent.at(-1), other.at(-1)]).toEqual([
      expect.stringContaining('roots/list'),
      expect.stringContaining('roots/list'),
    ]);
  });

  test.each(['2025-06-18', '2025-11-25'])(
    'is asked nothing where its own stream has broken, in %s',
    async (version) => {
      const session = await begun(version);
      const own = connection();
      session.listen(own.target).detach(own.target);
      call(session, true);
      await expect(session.peer.ask(roots, new Cancellation())).rejects.toMatchObject(refusal);
    },
  );
});
