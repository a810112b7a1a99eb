import { expect, test } from 'vitest';
import { GuardedExchange } from '../../src/call/guarded-exchange.ts';
import { StrayFrames } from '../../src/call/stray-frames.ts';
import { TaskOwners } from '../../src/call/task-owners.ts';
import type { CallFrames, CallMonitor, FrameFacts } from '../../src/monitor/call-monitor.ts';
import { toLabel } from '../../src/monitor/label.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import type { Exchange, FrameOrigin } from '../../src/protocol/exchange.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { fakeExchange } from './fake-exchange.ts';

const secret = toLabel({ secrecy: ['private'], integrity: [] });
const log = { method: 'notifications/message', params: undefined };

test('a frame of no call is judged with what its server worked on when it came, whenever its turn is', async () => {
  let works = [secret];
  const judged: FrameFacts['about'][] = [];
  const frame = async ({ about }: FrameFacts): Promise<void> => void judged.push(about);
  const monitor = { isActive: true, workedOn: () => works, frame } as Partial<CallMonitor> as CallMonitor;
  const tasks = new TaskOwners(createMemoryStore({ now: () => 0 }), () => 0);
  const { peer } = fakeExchange('modern');
  const frames = new StrayFrames({ monitor, tasks });
  await new Promise<void>((resolve) => {
    frames.down('any', peer, log, () => {});
    frames.down('any', peer, log, () => resolve());
    works = [];
  });
  expect(judged).toEqual([[secret], [secret]]);
});

test('so is a frame that may be about another call than the one that runs', async () => {
  let works = [secret];
  const judged: unknown[] = [];
  const judge = async (...asked: unknown[]): Promise<boolean> => {
    judged.push(asked);
    return false;
  };
  const frames = { workedOn: () => works, mayRead: judge, mayAsk: judge } as Partial<CallFrames> as CallFrames;
  const client = fakeExchange('modern');
  const guarded = new GuardedExchange(client, frames);
  guarded.exchange.notify(log, 'shared');
  works = [];
  await guarded.end();
  expect(judged).toEqual([['notifications/message', 'shared', [secret]]]);
});

test('a client hears of a question that may pass whether its call is meant, or one beside it', async () => {
  const mayPass = async (): Promise<boolean> => true;
  const frames = { workedOn: () => [], mayAsk: mayPass, mayWrite: mayPass } as Partial<CallFrames> as CallFrames;
  const origins: (FrameOrigin | undefined)[] = [];
  const peer = { capabilities: ObjectText.from({ roots: {} }) };
  const ask: Exchange['ask'] = async (_message, _cancellation, origin) => {
    origins.push(origin);
    return ObjectText.EMPTY;
  };
  const { exchange } = new GuardedExchange(fakeExchange('legacy', { ask, peer }), frames);
  const question = { method: 'roots/list', params: undefined };
  await exchange.ask(question, new Cancellation(), 'shared');
  await exchange.ask(question, new Cancellation());
  expect(origins).toEqual(['shared', 'own']);
});
