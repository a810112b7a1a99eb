import type { ResponseLabelling } from '@lockgate/abi';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FlowDeniedError } from '../../src/monitor/denial.ts';
import { AcceptedTags } from '../../src/monitor/label.ts';
import { Monitor } from '../../src/monitor/monitor.ts';
import type { ServerRule } from '../../src/monitor/rule.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { answer, PlainGuard } from './plain-guard.ts';
import { ModelAgent, type ModelCall, type ModelMode, type ModelServer, type ModelVerdict } from './reference-model.ts';

const SEQUENCES = 50_000;

const tags = fc.subarray(['a', 'b', 'c'], { minLength: 0 });
const label = fc.record({ secrecy: tags, integrity: tags });
const step = fc.record({
  server: fc.oneof(
    { weight: 6, arbitrary: fc.constant<ModelServer>({ kind: 'guard', accept: [] }) },
    { weight: 1, arbitrary: fc.constant<ModelServer>({ kind: 'open', accept: [] }) },
    { weight: 1, arbitrary: fc.subarray(['a', 'b', '*']).map((accept): ModelServer => ({ kind: 'sink', accept })) },
  ),
  call: fc.record({
    operation: fc.constantFrom('read' as const, 'write' as const, 'read-write' as const),
    resource: label,
    items: fc.option(fc.array(fc.option(label), { maxLength: 4 }), { nil: undefined }),
  }),
});
const sequence = fc.record({
  mode: fc.constantFrom<ModelMode>('strict', 'filter', 'propagate'),
  grant: label,
  steps: fc.array(step, { minLength: 1, maxLength: 5 }),
});

test(`the monitor and a reference model in plain lists agree on ${SEQUENCES} random sequences`, {
  timeout: 120_000,
}, async () => {
  const seen = { denied: 0, all: 0, cut: 0 };
  await fc.assert(
    fc.asyncProperty(sequence, async ({ mode, grant, steps }) => {
      const guard = new PlainGuard({ agent: grant, mode });
      const rules: Record<string, ServerRule['rule']> = { guard: ruleOf({ kind: 'guard', accept: [] }, guard) };
      const monitor = new Monitor({
        ruleOf: (server) => ({ rule: rules[server] ?? { kind: 'open' }, mode, toolCallLimits: {} }),
        store: createMemoryStore({ now: () => 0 }),
      });
      const model = new ModelAgent();
      for (const { server, call } of steps) {
        rules[server.kind] = ruleOf(server, guard);
        const expected = model.call(server, mode, grant, call);
        expect(await ask(monitor, guard, server.kind, call)).toEqual(resolved(expected, call));
        seen[expected.verdict === 'denied' ? 'denied' : expected.items === 'all' ? 'all' : 'cut']++;
      }
    }),
    { numRuns: SEQUENCES },
  );
  for (const [verdict, times] of Object.entries(seen)) expect(times, verdict).toBeGreaterThan(1_000);
});

function ruleOf({ kind, accept }: ModelServer, guard: PlainGuard): ServerRule['rule'] {
  if (kind === 'open') return { kind };
  if (kind === 'sink') return { kind, accept: new AcceptedTags(accept) };
  return { kind, guardName: 'labels', guard: async () => guard, policy: {}, policyHash: 'one' };
}

async function ask(
  monitor: Monitor,
  guard: PlainGuard,
  server: string,
  { operation, resource, items }: ModelCall,
): Promise<unknown> {
  const response: ResponseLabelling = items
    ? {
        kind: 'paths',
        itemsPath: '',
        labeledPaths: items.flatMap((labels, index) => (labels ? [{ path: `/${index}`, labels }] : [])),
      }
    : { kind: 'none' };
  guard.answers = { ...guard.answers, operation, resource, response };
  const call = {
    server,
    tool: 't',
    args: {},
    agent: { principal: 'p', session: 's' },
    signal: new AbortController().signal,
  };
  try {
    const result = await monitor.guarded(call, async () => answer(everything(items)));
    return JSON.parse(result.content[0]?.text ?? '');
  } catch (error) {
    if (error instanceof FlowDeniedError) return 'denied';
    throw error;
  }
}

const everything = (items: ModelCall['items']): number[] => (items ?? [0]).map((_, index) => index);

function resolved(verdict: ModelVerdict, { items }: ModelCall): unknown {
  if (verdict.verdict === 'denied') return 'denied';
  return verdict.items === 'all' ? everything(items) : verdict.items;
}
