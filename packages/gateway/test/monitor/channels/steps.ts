import fc from 'fast-check';
import type { Labels, Mode, Operation, Policy } from './model.ts';

export const LEGACY = ['a', 'b', 'o', 'k'] as const;
export const GUARDED = ['a', 'b', 'm'] as const;
export type ServerName = (typeof LEGACY)[number] | 'm';

/** Who acts: two sessions of one principal, its requests without a session, and a session of another principal. */
export const AGENTS = ['p/1', 'p/2', 'p/', 'q/1'] as const;
export type AgentName = (typeof AGENTS)[number];

export type Via = 'tools/call' | 'resources/read' | 'prompts/get' | 'completion/complete';

export interface CallStep {
  readonly kind: 'call';
  readonly agent: AgentName;
  readonly server: ServerName;
  readonly via: Via;
  readonly operation: Operation;
  readonly resource: Labels;
  /** Labels of the two items of the answer: none, nothing, "s" or "t" each; undefined where the guard gives none. */
  readonly items: string | undefined;
  readonly events: readonly Event[];
  readonly end: 'result' | 'meta' | 'error' | 'cancelled';
}

export type Event =
  | {
      readonly kind: 'say';
      readonly method: 'notifications/progress' | 'notifications/message' | 'notifications/custom';
    }
  | {
      readonly kind: 'ask';
      readonly method: 'elicitation/create' | 'sampling/createMessage';
      readonly refuses: boolean;
    }
  | { readonly kind: 'meanwhile'; readonly step: Step };

export type Step =
  | CallStep
  | { readonly kind: 'notify'; readonly agent: AgentName; readonly resource: Labels }
  /** A session subscribes, requests without one listen. */
  | { readonly kind: 'subscribe'; readonly agent: AgentName; readonly server: ServerName; readonly resource: Labels }
  | {
      readonly kind: 'stray';
      readonly server: ServerName;
      /** On whose own connection; undefined for the one that all share. */
      readonly of: AgentName | undefined;
      readonly method: 'notifications/message' | 'notifications/custom';
    }
  | { readonly kind: 'policy'; readonly server: (typeof GUARDED)[number]; readonly policy: Policy }
  | { readonly kind: 'reset' }
  | { readonly kind: 'end'; readonly agent: AgentName };

export interface Program {
  /** The mode of servers without a guard. */
  readonly mode: Mode;
  readonly policies: Readonly<Record<(typeof GUARDED)[number], Policy>>;
  readonly steps: readonly Step[];
}

const labels = fc.record({ secrecy: fc.subarray(['s', 't']), integrity: fc.subarray(['i']) });
const mode = fc.constantFrom<Mode>('strict', 'filter', 'propagate', 'propagate');
const policy: fc.Arbitrary<Policy> = fc.record({ mode, grant: labels });
const agent = fc.constantFrom(...AGENTS);
const server = fc.constantFrom<ServerName>('a', 'a', 'b', 'm', 'o', 'k');

const say: fc.Arbitrary<Event> = fc.record({
  kind: fc.constant('say' as const),
  method: fc.constantFrom('notifications/progress', 'notifications/message', 'notifications/custom'),
});
const ask: fc.Arbitrary<Event> = fc.record({
  kind: fc.constant('ask' as const),
  method: fc.constantFrom('elicitation/create', 'sampling/createMessage'),
  refuses: fc.boolean(),
});

const call = (event: fc.Arbitrary<Event>, size: number): fc.Arbitrary<CallStep> =>
  fc.record({
    kind: fc.constant('call' as const),
    agent,
    server,
    via: fc.constantFrom<Via>(
      'tools/call',
      'tools/call',
      'tools/call',
      'resources/read',
      'prompts/get',
      'completion/complete',
    ),
    operation: fc.constantFrom<Operation>('read', 'read', 'write', 'read-write'),
    resource: labels,
    items: fc.option(fc.stringMatching(/^[nest][nest]$/), { nil: undefined }),
    events: fc.array(event, { maxLength: size }),
    end: fc.constantFrom('result', 'result', 'meta', 'error', 'cancelled'),
  });

const others: fc.Arbitrary<Step>[] = [
  fc.record({ kind: fc.constant('notify' as const), agent, resource: labels }),
  fc.record({ kind: fc.constant('subscribe' as const), agent, server, resource: labels }),
  fc.record({
    kind: fc.constant('stray' as const),
    server,
    of: fc.option(agent, { nil: undefined }),
    method: fc.constantFrom('notifications/message' as const, 'notifications/custom' as const),
  }),
  fc.record({
    kind: fc.constant('stray' as const),
    server: fc.constantFrom('a', 'b'),
    of: fc.constant(undefined),
    method: fc.constant('notifications/message' as const),
  }),
  fc.record({ kind: fc.constant('policy' as const), server: fc.constantFrom(...GUARDED), policy }),
  fc.record({ kind: fc.constant('reset' as const) }),
  fc.record({ kind: fc.constant('end' as const), agent }),
];

const inner: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: call(fc.oneof(say, ask), 1) },
  ...others.map((arbitrary) => ({ weight: 1, arbitrary })),
);
const meanwhile: fc.Arbitrary<Event> = fc.record({ kind: fc.constant('meanwhile' as const), step: inner });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 9, arbitrary: call(fc.oneof(say, ask, meanwhile), 3) },
  ...others.map((arbitrary) => ({ weight: 1, arbitrary })),
);

export const programs: fc.Arbitrary<Program> = fc.record({
  mode,
  policies: fc.record({ a: policy, b: policy, m: policy }),
  steps: fc.array(step, { minLength: 1, maxLength: 6 }),
});
