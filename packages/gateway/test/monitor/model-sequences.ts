import type { ResponseLabelling } from '@lockgate/abi';
import fc from 'fast-check';
import type { AgentKey } from '../../src/monitor/agent-key.ts';
import { FlowDeniedError } from '../../src/monitor/denial.ts';
import { AcceptedTags } from '../../src/monitor/label.ts';
import type { Monitor } from '../../src/monitor/monitor.ts';
import type { ServerRule } from '../../src/monitor/rule.ts';
import { answer, type PlainGuard } from './plain-guard.ts';
import type { ModelCall, ModelMode, ModelServer, ModelVerdict } from './reference-model.ts';

const tags = fc.subarray(['a', 'b', 'c'], { minLength: 0 });
export const label = fc.record({ secrecy: tags, integrity: tags });
/** One call: which kind of server, and what its guard says of it. */
export const step = fc.record({
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
/** What one agent does, one call after the other. */
export const sequence = fc.record({
  mode: fc.constantFrom<ModelMode>('strict', 'filter', 'propagate'),
  grant: label,
  steps: fc.array(step, { minLength: 1, maxLength: 5 }),
});

export function ruleOf({ kind, accept }: ModelServer, guard: PlainGuard): ServerRule['rule'] {
  if (kind === 'open') return { kind };
  if (kind === 'sink') return { kind, accept: new AcceptedTags(accept) };
  return { kind, guardName: 'labels', guard: async () => guard, policy: {}, policyHash: 'one' };
}

/** Makes the call; `denied`, or the items that are given. */
export async function ask(
  monitor: Monitor,
  guard: PlainGuard,
  server: string,
  { operation, resource, items }: ModelCall,
  agent: AgentKey = { principal: 'p', session: 's' },
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
    agent,
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

/** A verdict of the model in the words of `ask`. */
export function resolved(verdict: ModelVerdict, { items }: ModelCall): unknown {
  if (verdict.verdict === 'denied') return 'denied';
  return verdict.items === 'all' ? everything(items) : verdict.items;
}
