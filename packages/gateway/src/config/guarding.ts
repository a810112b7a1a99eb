import * as z from 'zod';
import { type AnswerRules, answerRules } from './answers-section.ts';
import { DISCOVERIES, type Discovery } from './discovery.ts';

/** What stands in front of one server or plugin: its guard, its policy, its call limits, and which of its tools exist. */
export interface Guarding {
  /**
   * Name of an entry in "guards". Without it, and with "gateway.wasmGuardsDir", a guard has to be in `<wasmGuardsDir>/<server>/*.wasm`. False: none
   * is wanted, and the server counts as the public internet.
   */
  readonly guard?: string | false | undefined;
  readonly 'guard-policies'?: GuardPolicies | undefined;
  /** Calls of a tool that one session may make; 0 or absent means no limit. Never handed to the guard. */
  readonly 'tool-call-limits': Readonly<Record<string, number>>;
  /** The tools that are served; every other is hidden and refused. A `*` at the end matches any rest. @default all */
  readonly tools?: readonly string[] | undefined;
  /** Replaces the name in front of this server's tools in the unified catalogue. @default the entry's name */
  readonly prefix?: string | undefined;
  /** How clients find its tools at `/mcp/<server>`. @default "gateway.discovery" */
  readonly discovery?: Discovery | undefined;
  /**
   * What clients get of the answers, by tool; the rule that says most of a tool's name holds for it.
   *
   * @default all of it, or what a plugin says is worth keeping
   */
  readonly answers?: AnswerRules | undefined;
}

/** The policy of a guarded server. Source: DIFC.md, "Policies per server". */
export interface GuardPolicies {
  /** Handed to the guard's `label_agent` as it is. */
  readonly 'allow-only'?: AllowOnly | undefined;
  /** Handed to the guard beside "allow-only". */
  readonly 'trusted-bots'?: readonly string[] | undefined;
  /** The server is an output channel that accepts these secrecy tags and no others. */
  readonly 'write-sink'?: WriteSink | undefined;
}

type Texts = string | readonly string[];

/** What an agent may see. Lists are lists, or one text with commas or line ends. Source: ABI.md, `label_agent`. */
export interface AllowOnly {
  readonly repos?: Texts | undefined;
  readonly 'min-integrity'?: 'none' | 'unapproved' | 'approved' | 'merged' | undefined;
  readonly 'blocked-users'?: Texts | undefined;
  readonly 'refusal-labels'?: Texts | undefined;
  readonly 'approval-labels'?: Texts | undefined;
  readonly 'trusted-users'?: Texts | undefined;
  readonly 'endorsement-reactions'?: Texts | undefined;
  readonly 'disapproval-reactions'?: Texts | undefined;
  readonly 'disapproval-integrity'?: string | undefined;
  readonly 'endorser-min-integrity'?: string | undefined;
  readonly 'promotion-label'?: string | undefined;
  readonly 'demotion-label'?: string | undefined;
  /** What a guard of its own understands; the gateway does not look at it. */
  readonly rules?: unknown;
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

const texts = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .describe('For the guard');
const word = z.string().min(1).optional().describe('For the guard');

export const guardPolicies: z.ZodType<GuardPolicies> = z.strictObject({
  'allow-only': z
    .strictObject({
      repos: texts.describe('"all", "public", or owner/repo, owner/*, owner/prefix*'),
      'min-integrity': z
        .enum(['none', 'unapproved', 'approved', 'merged'])
        .optional()
        .describe('The least that is seen'),
      'blocked-users': texts,
      'refusal-labels': texts,
      'approval-labels': texts,
      'trusted-users': texts,
      'endorsement-reactions': texts,
      'disapproval-reactions': texts,
      'disapproval-integrity': word,
      'endorser-min-integrity': word,
      'promotion-label': word,
      'demotion-label': word,
      rules: z.unknown().optional().describe('What a guard of its own understands'),
    })
    .optional()
    .describe('Policy handed to the guard'),
  'trusted-bots': z.array(z.string().min(1)).optional().describe('Handed to the guard beside "allow-only"'),
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
  readonly guard: z.ZodType<string | false | undefined>;
  readonly 'guard-policies': z.ZodType<GuardPolicies | undefined>;
  readonly 'tool-call-limits': z.ZodType<Readonly<Record<string, number>>>;
  readonly tools: z.ZodType<readonly string[] | undefined>;
  readonly prefix: z.ZodType<string | undefined>;
  readonly discovery: z.ZodType<Discovery | undefined>;
  readonly answers: z.ZodType<AnswerRules | undefined>;
} = {
  guard: z
    .union([z.string().min(1), z.literal(false)], 'expected the name of an entry in "guards", or false for none')
    .optional()
    .describe('Name of an entry in "guards", or false for none'),
  'guard-policies': guardPolicies.optional(),
  'tool-call-limits': toolCallLimits.prefault({}),
  tools: z.array(z.string().min(1)).optional().describe('The tools that are served; "*" at the end matches any rest'),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{0,64}$/, 'expected letters, digits, "_", "." and "-", at most 64 of them')
    .optional()
    .describe("Replaces the entry's name in front of its tools"),
  discovery: z.enum(DISCOVERIES).optional().describe('How clients find its tools at /mcp/<server>'),
  answers: answerRules.optional(),
};
