import type { AgentLabelling, Labels, ResourceLabelling, ResponseLabelling } from '@lockgate/abi';
import type { Decision } from '../../src/monitor/decision.ts';
import { Monitor } from '../../src/monitor/monitor.ts';
import type { MonitorOptions } from '../../src/monitor/monitor-options.ts';
import type { LabelGuard, Mode } from '../../src/monitor/rule.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';

/** What a guard answers in a test; each part may also throw. */
export interface Answers {
  agent?: Labels;
  mode?: Mode;
  resource?: Labels;
  operation?: ResourceLabelling['operation'];
  response?: ResponseLabelling;
}

/** A guard in plain JavaScript: what it answers can be changed, and it counts how often it was asked. */
export class PlainGuard implements LabelGuard {
  readonly asked = { agent: 0, resource: 0, response: 0 };
  answers: Answers;

  constructor(answers: Answers = {}) {
    this.answers = answers;
  }

  async labelAgent(): Promise<AgentLabelling> {
    this.asked.agent++;
    return { agent: this.answers.agent ?? EMPTY, difcMode: this.answers.mode ?? 'strict' };
  }

  async labelResource(): Promise<ResourceLabelling> {
    this.asked.resource++;
    const { resource = EMPTY, operation = 'read' } = this.answers;
    return { resource: { description: 'test', ...resource }, operation };
  }

  async labelResponse(): Promise<ResponseLabelling> {
    this.asked.response++;
    return this.answers.response ?? { kind: 'none' };
  }
}

export const EMPTY: Labels = { secrecy: [], integrity: [] };
export const PRIVATE: Labels = { secrecy: ['private'], integrity: [] };

interface CallOptions {
  server?: string;
  /** Null for a request without a session. */
  session?: string | null;
  principal?: string;
  signal?: AbortSignal;
}

/** A monitor in front of "files" with the given guard; "web" is open and "sink" accepts what it is told. */
export function monitorWith(
  guard: LabelGuard,
  more: Partial<MonitorOptions> & { limits?: Record<string, number>; mode?: Mode } = {},
) {
  const decisions: Decision[] = [];
  const policy = { hash: 'first' };
  const { limits = {}, mode = 'strict', ...options } = more;
  const monitor = new Monitor({
    ruleOf: (server) => {
      if (server === 'web') return { rule: { kind: 'open' }, mode, toolCallLimits: limits };
      const rule = {
        kind: 'guard' as const,
        guardName: 'labels',
        guard: async () => guard,
        policy: {},
        policyHash: policy.hash,
      };
      return { rule, mode, toolCallLimits: limits };
    },
    store: createMemoryStore({ now: () => 0 }),
    onDecision: (decision) => decisions.push(decision),
    ...options,
  });
  const call = (tool: string, { server = 'files', session = 'one', principal = 'ann', signal }: CallOptions = {}) => ({
    server,
    tool,
    args: {},
    agent: { principal, session: session ?? undefined },
    signal: signal ?? new AbortController().signal,
  });
  return { monitor, decisions, policy, call };
}

export const answer = (value: unknown) => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });
