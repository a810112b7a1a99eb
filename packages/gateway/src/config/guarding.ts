import * as z from 'zod';

/** What stands in front of one server or plugin: its guard, its policy, its call limits, and which of its tools exist. */
export interface Guarding {
  /** Name of an entry in "guards". Without it, a guard is looked for in `<wasmGuardsDir>/<server>/*.wasm`. */
  readonly guard?: string | undefined;
  readonly 'guard-policies'?: GuardPolicies | undefined;
  /** Calls of a tool that one session may make; 0 or absent means no limit. Never handed to the guard. */
  readonly 'tool-call-limits': Readonly<Record<string, number>>;
  /** The tools that are served; every other is hidden and refused. A `*` at the end matches any rest. @default all */
  readonly tools?: readonly string[] | undefined;
  /** Replaces the name in front of this server's tools in the unified catalogue. @default the entry's name */
  readonly prefix?: string | undefined;
}

/** The policy of a guarded server. Source: DIFC.md, "Policies per server". */
export interface GuardPolicies {
  /** Handed to the guard's `label_agent` as it is. */
  readonly 'allow-only'?: Readonly<Record<string, unknown>> | undefined;
  /** The server is an output channel that accepts these secrecy tags and no others. */
  readonly 'write-sink'?: WriteSink | undefined;
}

export interface WriteSink {
  /** Secrecy tags that may flow out; `*` alone accepts every tag. */
  readonly accept: readonly string[];
  /** A public sink accepts no secrecy at all, whatever "accept" says. */
  readonly 'sink-visibility'?: 'public' | 'private' | 'internal' | undefined;
}

const toolCallLimits = z
  .record(z.string().min(1), z.int().min(0))
  .describe('Calls of a tool that one session may make');

const guardPolicies = z.strictObject({
  'allow-only': z.record(z.string(), z.unknown()).optional().describe('Policy handed to the guard'),
  'write-sink': z
    .strictObject({
      accept: z.array(z.string().min(1)).describe('Secrecy tags that may flow out; "*" accepts all'),
      'sink-visibility': z
        .enum(['public', 'private', 'internal'])
        .optional()
        .describe('A public sink accepts no secrecy'),
    })
    .optional()
    .describe('The server is an output channel'),
});

export const guardingShape: {
  readonly guard: z.ZodType<string | undefined>;
  readonly 'guard-policies': z.ZodType<GuardPolicies | undefined>;
  readonly 'tool-call-limits': z.ZodType<Readonly<Record<string, number>>>;
  readonly tools: z.ZodType<readonly string[] | undefined>;
  readonly prefix: z.ZodType<string | undefined>;
} = {
  guard: z.string().min(1).optional().describe('Name of an entry in "guards"'),
  'guard-policies': guardPolicies.optional(),
  'tool-call-limits': toolCallLimits.prefault({}),
  tools: z.array(z.string().min(1)).optional().describe('The tools that are served; "*" at the end matches any rest'),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{0,64}$/, 'expected letters, digits, "_", "." and "-", at most 64 of them')
    .optional()
    .describe("Replaces the entry's name in front of its tools"),
};
