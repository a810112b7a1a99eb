import type { ExportedTool } from '@lockgate/abi';
import { LONGEST_MESSAGE_BYTES } from '@lockgate/abi/without-guests';
import * as z from 'zod';
import { type Guarding, type GuardPolicies, guardingShape, guardPolicies } from './guarding.ts';
import { type Granting, grantShape } from './guest-grants.ts';
import { hostGrants } from './host-grant.ts';

/** Where a WebAssembly module comes from: a file, or an address together with the digest its bytes must have. */
export interface ModuleOrigin {
  /** Absolute once resolved; in the file, relative to the file. */
  readonly path?: string | undefined;
  readonly url?: string | undefined;
  /** Lower-case hexadecimal SHA-256 of the module. Required with "url", checked with "path". */
  readonly sha256?: string | undefined;
}

/** Limits of a plugin or a guard. What is absent has the runtime's default. */
export interface ModuleLimits {
  readonly memoryCeilingBytes?: number | undefined;
  readonly callTimeoutMs?: number | undefined;
  readonly queueTimeoutMs?: number | undefined;
  readonly maxQueue?: number | undefined;
  readonly drainMs?: number | undefined;
  readonly abortGraceMs?: number | undefined;
  readonly idleMs?: number | undefined;
  readonly maxMessageBytes?: number | undefined;
  readonly maxLeakedBytes?: number | undefined;
  readonly maxLogLinesPerCall?: number | undefined;
  readonly maxHostCallsPerCall?: number | undefined;
  readonly maxConcurrentHttp?: number | undefined;
  readonly maxHttpResponseBytes?: number | undefined;
}

interface ModuleEntry extends ModuleOrigin {
  readonly instances?: { readonly min?: number | undefined; readonly max?: number | undefined } | undefined;
  /** `worker` can be stopped from outside; `inline` is quicker for trusted modules. @default worker */
  readonly isolation?: 'worker' | 'inline' | undefined;
  readonly limits: ModuleLimits;
  /** Loads a changed file without losing a call. @default false */
  readonly watch: boolean;
  /** Keeps the entry in the file without loading it. @default false */
  readonly disabled: boolean;
}

/** An entry of "plugins": a guest that gives tools. */
export interface PluginEntry extends ModuleEntry, Guarding, Granting {
  /** Given to the plugin's `configure`; secrets belong here, as `${VARIABLE}`. */
  readonly settings: Readonly<Record<string, string>>;
  /** The tools of a plugin that does not say what they are, as a plug-in for Extism; the file may have them under "tools". */
  readonly exports?: Readonly<Record<string, ExportedTool>> | undefined;
  /** How "hosts" was written before; once read it is "hosts". */
  readonly http?: { readonly allow?: readonly string[] | undefined } | undefined;
  /** Refuses a version that says it is not healthy. @default false */
  readonly requireHealthy: boolean;
}

/** An entry of "guards": a guest that labels what another server answers. */
export interface GuardEntry extends ModuleEntry {
  /** The guard's policy where a server that names it has none of its own. */
  readonly policy?: GuardPolicies | undefined;
}

const positive = z.int().min(1);

/** Bounds are the runtime's own: a bad number is refused with the file, not when the module is loaded. */
const number = (min: number, max: number, meaning: string) => z.int().min(min).max(max).optional().describe(meaning);
const MIB = 1024 * 1024;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The ceiling on a guest's linear memory, in bytes. */
export function memoryCeiling(meaning: string): z.ZodOptional<z.ZodInt> {
  return number(65_536, 2 ** 32, meaning);
}

const limits = z.strictObject({
  memoryCeilingBytes: memoryCeiling('Ceiling on linear memory (plugins 256 MiB, guards 32 MiB)'),
  callTimeoutMs: number(1, LONGEST_TIMER_MS, 'Longest time of one call (60 s)'),
  queueTimeoutMs: number(1, LONGEST_TIMER_MS, 'Longest wait for a free instance (60 s)'),
  maxQueue: number(0, Number.MAX_SAFE_INTEGER, 'Calls that may wait (10,000)'),
  drainMs: number(0, LONGEST_TIMER_MS, 'How long an old version may finish its calls (5 s)'),
  abortGraceMs: number(0, LONGEST_TIMER_MS, 'How long a cancelled call may take to end by itself (500 ms)'),
  idleMs: number(1, LONGEST_TIMER_MS, 'When an idle instance is put away (30 s)'),
  maxMessageBytes: number(1_024, LONGEST_MESSAGE_BYTES, 'Largest message in either direction (16 MiB)'),
  maxLeakedBytes: number(0, 2 ** 32, 'Leaks after which an instance is replaced (8 MiB)'),
  maxLogLinesPerCall: number(0, Number.MAX_SAFE_INTEGER, 'Log lines of one call (1,000)'),
  maxHostCallsPerCall: number(0, Number.MAX_SAFE_INTEGER, 'Calls of one call to the host (1,000)'),
  maxConcurrentHttp: number(0, Number.MAX_SAFE_INTEGER, 'HTTP requests at the same time (64)'),
  maxHttpResponseBytes: number(0, 512 * MIB, 'Largest answer to an HTTP request (10 MiB)'),
});

const moduleShape = {
  path: z.string().min(1).optional().describe('The module, relative to this file'),
  url: z.url().optional().describe('The module\'s address; needs "sha256"'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hexadecimal digits')
    .optional()
    .describe('SHA-256 of the module, lower-case hexadecimal'),
  instances: z
    .strictObject({
      min: z.int().min(0).optional().describe('Copies that are kept ready'),
      max: positive.optional().describe('Copies at most, so calls at the same time'),
    })
    .optional(),
  isolation: z
    .enum(['worker', 'inline'])
    .optional()
    .describe('In a worker that can be stopped, or quicker in the main thread (worker)'),
  limits: limits.prefault({}),
  watch: z.boolean().default(false).describe('Load a changed file without losing a call'),
  disabled: z.boolean().default(false).describe('Keep the entry without loading it'),
};

function checkOrigin(entry: ModuleOrigin, context: z.RefinementCtx): void {
  if ((entry.path === undefined) === (entry.url === undefined)) {
    context.addIssue({ code: 'custom', message: 'expected either "path" or "url" (with "sha256")' });
  } else if (entry.url !== undefined && entry.sha256 === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['sha256'],
      message: 'a module from an address needs its SHA-256; run `sha256sum` over a copy you trust',
    });
  }
}

const schema = (meaning: string) =>
  z
    .record(z.string(), z.json())
    .refine(({ type }) => type === 'object', { path: ['type'], error: 'expected "object", as MCP has it' })
    .optional()
    .describe(meaning);

const exportedTool: z.ZodType<ExportedTool> = z.strictObject({
  export: z.string().min(1).optional().describe("The function that is called (the tool's name)"),
  input: z
    .enum(['json', 'text'])
    .optional()
    .describe('What it is given: the arguments as JSON, or the one argument that is a text (json)'),
  description: z.string().optional().describe('What models read of it'),
  inputSchema: schema('JSON Schema of the arguments'),
  outputSchema: schema('JSON Schema of the result, where that is a JSON object'),
  annotations: z.record(z.string(), z.json()).optional().describe('MCP annotations, such as "readOnlyHint"'),
});

const exportedTools = z.record(z.string().min(1), exportedTool);

export const pluginEntry: z.ZodType<PluginEntry> = z
  .strictObject({
    ...moduleShape,
    settings: z.record(z.string(), z.string()).prefault({}).describe('Given to the plugin\'s "configure"'),
    exports: exportedTools.optional().describe('The tools of a plug-in for Extism, which does not say them'),
    ...grantShape,
    http: z.strictObject({ allow: hostGrants.optional().describe('The same as "hosts"') }).optional(),
    requireHealthy: z.boolean().default(false).describe('Refuse a version that says it is not healthy'),
    ...guardingShape,
    tools: z
      .union([z.array(z.string().min(1)), exportedTools])
      .optional()
      .describe('The tools that are served, "*" at the end matches any rest; or "exports" under another name'),
  })
  .superRefine(checkOrigin)
  .transform((entry, context): PluginEntry => {
    const { tools, http, ...others } = entry;
    if (http?.allow !== undefined && others.hosts !== undefined) {
      context.addIssue({ code: 'custom', path: ['http', 'allow'], message: 'is the same as "hosts": keep "hosts"' });
      return z.NEVER;
    }
    const hosts = others.hosts ?? http?.allow;
    const rest = { ...others, ...(hosts && { hosts }) };
    if (isList(tools)) return { ...rest, tools };
    if (tools === undefined) return rest;
    if (rest.exports !== undefined) {
      context.addIssue({ code: 'custom', path: ['tools'], message: BOTH_NAMES });
      return z.NEVER;
    }
    return { ...rest, exports: tools };
  });

const BOTH_NAMES =
  'tools are described here and in "exports"; keep "exports", and under "tools" the names of those to serve';

function isList(tools: readonly string[] | object | undefined): tools is readonly string[] {
  return Array.isArray(tools);
}

export const guardEntry: z.ZodType<GuardEntry> = z
  .strictObject({
    ...moduleShape,
    policy: guardPolicies.optional().describe('Policy where a server has none of its own'),
  })
  .superRefine(checkOrigin);
