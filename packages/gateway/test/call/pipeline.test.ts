import { Gate } from '@lockgate/testkit';
import { describe, expect, test, vi } from 'vitest';
import { Drain } from '../../src/call/drain.ts';
import type { Endpoint } from '../../src/call/endpoint.ts';
import type { KeptAnswers } from '../../src/call/kept-answers.ts';
import { ERROR_META_KEY } from '../../src/call/outcome.ts';
import { ParkedCalls } from '../../src/call/parked-calls.ts';
import { Pipeline } from '../../src/call/pipeline.ts';
import { CallRoute, type CallRouteOptions } from '../../src/call/route.ts';
import type { Router } from '../../src/call/router.ts';
import type { Served } from '../../src/call/served.ts';
import { StrayFrames } from '../../src/call/stray-frames.ts';
import { TaskOwners } from '../../src/call/task-owners.ts';
import { Approvals } from '../../src/consent/approvals.ts';
import { BadRequestError, DeadlineError, UnknownNameError } from '../../src/errors.ts';
import { CallLimits } from '../../src/limits/call-limits.ts';
import { silentLogger } from '../../src/logger.ts';
import type { CallMonitor } from '../../src/monitor/call-monitor.ts';
import type { RequestOutcome } from '../../src/observer.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { openExchange } from '../../src/protocol/exchange.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { RpcError } from '../../src/protocol/rpc-error.ts';
import { Replicas } from '../../src/replicas/replicas.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { fakeExchange } from './fake-exchange.ts';

const OPEN = { isActive: false } as CallMonitor;
const ENDPOINT = { server: undefined } as Endpoint;

function server(name: string, forward: () => Promise<ObjectText>): Served {
  const upstream = { name, asksWhileRunning: () => false };
  return {
    name,
    upstream,
    forwarder: { forward },
    drain: new Drain(),
    prefix: '',
    tools: undefined,
  } as unknown as Served;
}

function pipelineTo(route: () => Partial<CallRouteOptions> & { readonly served: Served }, monitor = OPEN) {
  const told: string[] = [];
  const outcomes: RequestOutcome[] = [];
  const store = createMemoryStore({ now: () => 0 });
  const message = { method: 'tools/call', params: undefined };
  const drain = new Drain();
  const tasks = new TaskOwners(store, () => 0);
  const pipeline = new Pipeline({
    router: { route: () => new CallRoute({ message, tool: 't', ...route() }) } as unknown as Router,
    monitor,
    approvals: new Approvals({
      logger: silentLogger,
      redact: (text) => text,
      store,
      now: () => 0,
      pinOf: () => undefined,
    }),
    limits: new CallLimits({ store, now: () => 0, monotonicNow: () => 0 }, {}),
    parked: new ParkedCalls({ store, replicas: new Replicas({ store, logger: silentLogger }), now: () => 0 }),
    tasks,
    kept: {} as KeptAnswers,
    drain,
    frames: new StrayFrames({ monitor, tasks }),
    observer: {
      begin: () => ({
        trace: undefined,
        routedTo: (name) => void told.push(name),
        runs: vi.fn(),
        end: (outcome) => void outcomes.push(outcome),
      }),
      turnedAway: vi.fn(),
      callerReset: vi.fn(),
      operated: vi.fn(),
      decided: vi.fn(),
    },
  });
  return { pipeline, told, outcomes, drain };
}

describe('a request', () => {
  test('that has not reached its server when that is removed is not sent to it', async () => {
    const forward = vi.fn();
    const served = server('files', forward);
    served.drain.enter();
    const ended = served.drain.settled(60_000);
    const { pipeline } = pipelineTo(() => ({ served }));
    const refused = await pipeline.answer(fakeExchange('legacy'), ENDPOINT).catch((error: unknown) => error);
    expect(refused).toMatchObject({ message: expect.stringContaining('"files" is closed') });
    expect(forward).not.toHaveBeenCalled();
    served.drain.leave();
    expect(await ended).toBe(true);
  });

  test('is answered with the result of its server, and observed once', async () => {
    const result = ObjectText.from({ content: [] });
    const { pipeline, told, outcomes, drain } = pipelineTo(() => ({ served: server('a', async () => result) }));
    expect(await pipeline.answer(fakeExchange('legacy'), ENDPOINT)).toBe(result);
    expect(told).toEqual(['a']);
    expect(outcomes).toEqual([{ verdict: 'ok', responseBytes: 14 }]);
    expect(drain.running).toBe(0);
  });

  test('that the client gave up is observed as cancelled, whatever the server does then', async () => {
    const cancellation = new Cancellation();
    const gate = new Gate();
    const served = server('a', async () => {
      await gate.pass();
      throw new DeadlineError({ server: 'a', method: 'tools/call', timeoutMs: 1 });
    });
    const { pipeline, outcomes, drain } = pipelineTo(() => ({ served, isToolCall: true }));
    const answer = pipeline.answer(fakeExchange('legacy', { cancellation }), ENDPOINT).catch((error: unknown) => error);
    await gate.reached;
    expect(drain.running).toBe(1);
    cancellation.cancel(new Error('changed my mind'));
    gate.open();
    expect(await answer).toBeInstanceOf(RpcError);
    expect(outcomes).toEqual([{ verdict: 'cancelled' }]);
    expect(drain.running).toBe(0);
  });

  test.each([
    ['of the server passes as it is', RpcError.received(ObjectText.from({ code: -32_002, message: 'gone' })), -32_002],
    ['that is the fault of the request has the code of wrong parameters', new BadRequestError('no'), -32_602],
    ['that nobody foresaw has the code of internal errors', new Error('?'), -32_603],
  ])('that ends in an error %s', async (_what, error, code) => {
    const { pipeline, outcomes } = pipelineTo(() => ({ served: server('a', () => Promise.reject(error)) }));
    await expect(pipeline.answer(fakeExchange('legacy'), ENDPOINT)).rejects.toMatchObject({ code });
    expect(outcomes).toMatchObject([{ verdict: error instanceof RpcError ? 'error' : expect.any(String) }]);
  });

  test('of a tool whose server is late gets a result for the model', async () => {
    const late = new DeadlineError({ server: 'a', method: 'tools/call', timeoutMs: 1 });
    const served = server('a', () => Promise.reject(late));
    const { pipeline, outcomes } = pipelineTo(() => ({ served, isToolCall: true }));
    const result = (await pipeline.answer(fakeExchange('legacy'), ENDPOINT)).toValue();
    expect(result).toMatchObject({ isError: true, _meta: { [ERROR_META_KEY]: 'GATEWAY_DEADLINE' } });
    expect(outcomes).toMatchObject([{ verdict: 'failed', reason: 'GATEWAY_DEADLINE' }]);
  });

  test('that several servers may answer is answered by the first that knows it; else with what the first said', async () => {
    const refusing = (name: string) => server(name, () => Promise.reject(RpcError.of(-32_002, name)));
    const knowing = server('c', async () => ObjectText.from({ contents: [] }));
    const found = pipelineTo(() => ({ served: refusing('a'), others: [refusing('b'), knowing] }));
    expect((await found.pipeline.answer(fakeExchange('legacy'), ENDPOINT)).toValue()).toEqual({ contents: [] });
    expect(found.told).toEqual(['a', 'b', 'c']);
    const none = pipelineTo(() => ({ served: refusing('a'), others: [refusing('b')] }));
    await expect(none.pipeline.answer(fakeExchange('legacy'), ENDPOINT)).rejects.toMatchObject({ message: 'a' });
  });

  test.each([
    [new UnknownNameError({ kind: 'tool', asked: 'x' }), 'GATEWAY_UNKNOWN_NAME'],
    [RpcError.of(-32_602, 'Resource not found: x', { uri: 'x' }), '-32602'],
  ])('that leads nowhere is refused, and observed as failed: no server has answered', async (error, reason) => {
    const { pipeline, outcomes } = pipelineTo(() => {
      throw error;
    });
    await expect(pipeline.answer(fakeExchange('legacy'), ENDPOINT)).rejects.toMatchObject({ code: -32_602 });
    expect(outcomes).toMatchObject([{ verdict: 'failed', reason }]);
  });
});

describe('what a legacy client sends under the names of a later leg', () => {
  const legacyLeg = (leg: object) => {
    const params = ObjectText.from({ name: 't', arguments: {}, ...leg });
    const { peer, id, byteLength, cancellation, notify, ask } = fakeExchange('legacy');
    const message = { method: 'tools/call', params };
    return openExchange({ peer, id, message, byteLength, cancellation, wire: { notify, ask } });
  };

  test.each([{ inputResponses: { q: { action: 'accept' } } }, { requestState: 's' }])(
    'is checked as an answer to the server: %j',
    async (leg) => {
      const asked: unknown[] = [];
      const monitor = {
        isActive: true,
        readsContents: () => true,
        guarded: async (facts: { isAnswer: boolean; args: unknown }) => {
          asked.push(facts.isAnswer, facts.args);
          throw new BadRequestError('no');
        },
      } as unknown as CallMonitor;
      const served = server('a', async () => ObjectText.EMPTY);
      const { pipeline } = pipelineTo(() => ({ served }), monitor);
      await expect(pipeline.answer(legacyLeg(leg), ENDPOINT)).rejects.toMatchObject({ code: -32_602 });
      expect(asked).toEqual([true, {}]);
    },
  );

  test.each(['f', undefined])(
    'goes to no server where it is a state of the gateway (fingerprint: %s)',
    async (fingerprint) => {
      const forward = vi.fn(async () => ObjectText.EMPTY);
      const { pipeline } = pipelineTo(() => ({ served: server('a', forward), ...(fingerprint && { fingerprint }) }));
      await expect(pipeline.answer(legacyLeg({ requestState: 'lockgate.x' }), ENDPOINT)).rejects.toMatchObject({
        message: 'Invalid or expired requestState',
      });
      expect(forward).not.toHaveBeenCalled();
    },
  );
});
