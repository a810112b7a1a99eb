import { expect, test, vi } from 'vitest';
import { Permissions } from '../../src/access/permissions.ts';
import { type Served, ServedList } from '../../src/call/served.ts';
import { configSchema } from '../../src/config/schema.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { Caller, Peer } from '../../src/protocol/peer.ts';
import { Announcer, type AnnouncerOptions } from '../../src/session/announcer.ts';
import type { Upstream } from '../../src/upstream/upstream.ts';

test('a server that is no longer served tells and asks nobody anything beside its last calls', async () => {
  const upstream = { name: 'files' } as Upstream;
  const served = new ServedList();
  const frames = { down: vi.fn(), ask: vi.fn(async () => ({})), mayIntroduce: vi.fn(async () => true) };
  const listeners = { tellCaller: vi.fn(), resourceUpdated: vi.fn() };
  const sessions = { watching: () => [{ peer }] };
  const peer = { key: 'k', caller: { name: 'c' } } as Peer;
  const announcer = new Announcer({ served, frames, listeners, sessions } as unknown as AnnouncerOptions);
  const message = { method: 'notifications/message', params: undefined };
  const tellAll = async (): Promise<unknown> => {
    announcer.told(upstream, message, peer);
    announcer.notified(upstream, message);
    announcer.toldCaller(upstream, message, peer.caller);
    await announcer.asked(upstream, { ...message, method: 'roots/list' }, peer, new Cancellation()).catch(() => {});
    const isIntroduced = await announcer.mayIntroduce(upstream, peer);
    const calls = [frames.down, frames.ask, listeners.tellCaller].map(({ mock }) => mock.calls.length);
    return { calls, isIntroduced };
  };
  expect(await tellAll()).toEqual({ calls: [0, 0, 0], isIntroduced: false });
  served.replace([{ name: 'files', upstream } as Served]);
  expect(await tellAll()).toEqual({ calls: [2, 1, 1], isIntroduced: true });
});

test("what may concern one caller alone is told to that caller's clients", () => {
  const upstream = { name: 'files' } as Upstream;
  const served = new ServedList();
  served.replace([{ name: 'files', upstream } as Served]);
  const watching = ['me', 'you'].map((name) => ({ peer: { key: name, caller: { name } } as Peer }));
  const down = vi.fn();
  const parts = { served, frames: { down }, sessions: { watching: () => watching } };
  const announcer = new Announcer(parts as unknown as AnnouncerOptions);
  announcer.notified(upstream, { method: 'notifications/message', params: undefined }, 'you');
  announcer.notified(upstream, { method: 'notifications/message', params: undefined });
  expect(down.mock.calls.map(([, { key }]) => key)).toEqual(['you', 'me', 'you']);
});

test('that the tools of its own connection have changed is no news to a client that searches', () => {
  const upstream = { name: 'files' } as Upstream;
  const served = new ServedList();
  served.replace([{ name: 'files', upstream } as Served]);
  const sessions = [true, false].map((lists, index) => {
    return { peer: { key: `${index}`, caller: { name: 'c' } } as Peer, endpoint: { listsTools: () => lists } };
  });
  const down = vi.fn();
  const parts = {
    served,
    frames: { down },
    sessions: { of: (asked: Peer) => sessions.find(({ peer }) => peer === asked) },
  };
  const announcer = new Announcer(parts as unknown as AnnouncerOptions);
  for (const { peer } of sessions) {
    for (const list of ['tools', 'prompts']) {
      announcer.told(upstream, { method: `notifications/${list}/list_changed`, params: undefined }, peer);
    }
  }
  expect(down.mock.calls.map(([, peer, { method }]) => `${peer.key} ${method}`)).toEqual([
    '0 notifications/tools/list_changed',
    '0 notifications/prompts/list_changed',
    '1 notifications/prompts/list_changed',
  ]);
});

test('a client hears of no resource that its role denies, though it is a part of what it has subscribed to', () => {
  const upstream = { name: 'files' } as Upstream;
  const served = new ServedList();
  served.replace([{ name: 'files', upstream } as Served]);
  const { roles } = configSchema.parse({
    roles: { some: { resources: { allow: ['files/x://home*'], deny: ['*/x://home/secret*'] } } },
  });
  const down = vi.fn();
  const peer = { key: 'k', caller: { name: 'c', roles: ['some'] } as Caller } as Peer;
  const parts = {
    served,
    permissions: new Permissions({ roles, profiles: {} }),
    subscriptions: { wants: () => true },
    frames: { down },
    sessions: { watching: () => [] },
  };
  const announcer = new Announcer(parts as unknown as AnnouncerOptions);
  for (const uri of ['x://home/a', 'x://home/secret', 'x://home/%73ecret/b']) {
    announcer.told(upstream, { method: 'notifications/resources/updated', params: ObjectText.from({ uri }) }, peer);
  }
  expect(down.mock.calls.map(([, , { params }]) => params.text('uri'))).toEqual(['x://home/a']);
});
