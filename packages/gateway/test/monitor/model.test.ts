import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Monitor } from '../../src/monitor/monitor.ts';
import type { ServerRule } from '../../src/monitor/rule.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { ask, resolved, ruleOf, sequence } from './model-sequences.ts';
import { PlainGuard } from './plain-guard.ts';
import { ModelAgent } from './reference-model.ts';

const SEQUENCES = 50_000;

test(`the monitor and a reference model in plain lists agree on ${SEQUENCES} random sequences`, {
  timeout: 600_000,
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
