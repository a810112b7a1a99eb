import * as z from 'zod';
import { NAME_SERVED_TOOLS } from './foreign-keys.ts';
import { type Guarding, guardingShape } from './guarding.ts';
import { whyNoHeader } from './header-text.ts';
import { type CredentialOf, type LoginEntry, loginEntry } from './login-entry.ts';
import { whyNoVariable } from './why-no-variable.ts';

interface ServerCommon extends Guarding {
  /** Keeps the entry in the file without starting it. @default false */
  readonly disabled: boolean;
  /** How long the server may take to start and to answer the handshake. @default 30_000 */
  readonly connectTimeoutMs: number;
  /** Deadline of one request. @default 60_000 */
  readonly callTimeoutMs: number;
  readonly breaker: {
    /** Failures in a row after which calls are refused at once. @default 5 */
    readonly failures: number;
    /** When one probe is let through again. @default 30_000 */
    readonly coolDownMs: number;
  };
  /** Retries of a call whose tool says it is read-only or idempotent. @default 2 */
  readonly maxRetries: number;
}

/** A server that the gateway starts and speaks to over its stdin and stdout. */
export interface StdioServerEntry extends ServerCommon {
  readonly type: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  /** Added to a small safe part of the gateway's own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
}

/** A server that already runs: streamable HTTP, or the older HTTP+SSE. */
export interface RemoteServerEntry extends ServerCommon {
  readonly type: 'http' | 'sse';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How the gateway logs in. @default by OAuth where the server asks for it and "headers" hold no credential */
  readonly auth?: LoginEntry | undefined;
  /** @default shared */
  readonly credential: CredentialOf;
}

/** An entry of "mcpServers", as MCP clients write it, with the gateway's own keys beside. */
export type ServerEntry = StdioServerEntry | RemoteServerEntry;

/** Keys that clients write for themselves; they mean nothing here and are said so once. */
const CLIENT_KEYS = ['alwaysAllow', 'autoApprove', 'description', 'disabledTools', 'timeout', 'trust'];

const TRANSPORTS: Readonly<Record<string, 'stdio' | 'http' | 'sse'>> = {
  stdio: 'stdio',
  http: 'http',
  'streamable-http': 'http',
  streamableHttp: 'http',
  sse: 'sse',
};

const shape = z.strictObject({
  type: z
    .enum(['stdio', 'http', 'streamable-http', 'streamableHttp', 'sse'])
    .optional()
    .describe('stdio with "command", http with "url", or the older sse'),
  command: z.string().min(1).optional().describe('The program that is the server'),
  args: z.array(z.string()).optional().describe('Its arguments'),
  env: z
    .record(z.string(), z.string())
    .superRefine((env, context) => {
      for (const [name, value] of Object.entries(env)) {
        const message = whyNoVariable(name, value);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      }
    })
    .optional()
    .describe("The program's own variables"),
  cwd: z.string().min(1).optional().describe('Where the program starts, relative to this file'),
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('The address of a server that already runs'),
  headers: z
    .record(z.string(), z.string())
    .superRefine((headers, context) => {
      for (const [name, value] of Object.entries(headers)) {
        const message = whyNoHeader(name, value);
        if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message });
      }
    })
    .optional()
    .describe('Sent with every request to "url"'),
  auth: loginEntry.optional().describe('How the gateway logs in to "url": "oauth", or an object with "type"'),
  credential: z
    .enum(['shared', 'user'])
    .optional()
    .describe("Ask with one login for all callers, or each caller's own"),
  disabled: z.boolean().default(false).describe('Keep the entry without starting it'),
  connectTimeoutMs: z.int().min(1).default(30_000).describe('How long the server may take to start'),
  callTimeoutMs: z.int().min(1).default(60_000).describe('Deadline of one request'),
  breaker: z
    .strictObject({
      failures: z.int().min(1).default(5).describe('Failures in a row after which calls are refused at once'),
      coolDownMs: z.int().min(1).default(30_000).describe('When one probe is let through again'),
    })
    .prefault({}),
  maxRetries: z.int().min(0).default(2).describe('Retries of read-only and idempotent calls'),
  ...guardingShape,
  ...Object.fromEntries(
    CLIENT_KEYS.map((key) => [key, z.unknown().optional().describe("A client's own key: ignored")]),
  ),
  disabledTools: z
    .unknown()
    .refine((value) => value === undefined || (Array.isArray(value) && value.length === 0), {
      message: `this would hide nothing here; ${NAME_SERVED_TOOLS}`,
    })
    .optional()
    .describe('A client\'s own key: refused unless empty; use "tools"'),
});

export const NO_TRANSPORT = 'needs "command" (a program to start) or "url" (a server that runs)';

export const serverEntry: z.ZodType<ServerEntry> = shape.transform((entry, context): ServerEntry => {
  const { type, command, args, env, cwd, url, headers, auth, credential, ...common } = entry;
  const refuse = (message: string): never => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  for (const key of CLIENT_KEYS) Reflect.deleteProperty(common, key);
  if (command !== undefined && url !== undefined)
    return refuse('has both "command" and "url"; keep the one that is meant');
  if (command === undefined && url === undefined) return refuse(NO_TRANSPORT);
  const transport = TRANSPORTS[type ?? (command === undefined ? 'http' : 'stdio')] ?? 'http';
  if (command !== undefined) {
    if (transport !== 'stdio') return refuse(`type "${type}" needs "url", not "command"`);
    if (headers !== undefined) return refuse('"headers" goes with "url"; a program takes its secrets from "env"');
    const login = (['auth', 'credential'] as const).find((key) => entry[key] !== undefined);
    if (login !== undefined) return refuse(`"${login}" goes with "url"; a program takes its secrets from "env"`);
    return { ...common, type: 'stdio', command, args: args ?? [], env: env ?? {}, cwd };
  }
  if (transport === 'stdio') return refuse('type "stdio" needs "command", not "url"');
  const stray = (['args', 'env', 'cwd'] as const).find((key) => entry[key] !== undefined);
  if (stray !== undefined) return refuse(`"${stray}" goes with "command", not with "url"`);
  if (auth !== undefined && hasCredential(headers)) return refuse(BOTH_WAYS);
  if (credential === 'user' && (hasCredential(headers) || auth?.type === 'clientCredentials')) return refuse(NOT_OWN);
  if (credential === 'shared' && auth?.type === 'tokenExchange') return refuse(NOT_SHARED);
  const whose = credential ?? (auth?.type === 'tokenExchange' ? 'user' : 'shared');
  return { ...common, type: transport, url: url as string, headers: headers ?? {}, auth, credential: whose };
});

const BOTH_WAYS = 'has both "auth" and a credential in "headers"; keep the one that is meant';
const NOT_OWN = '"credential": "user" goes with "auth" of type "oauth" or "tokenExchange": each caller logs in';
const NOT_SHARED = '"auth" of type "tokenExchange" makes a credential of each caller\'s token; leave "credential" out';

/** Whether headers bring a credential, so that nobody has to log in. */
export function hasCredential(headers: Readonly<Record<string, string>> | undefined): boolean {
  return Object.keys(headers ?? {}).some((name) => /^(authorization|x-api-key|cookie)$/i.test(name));
}

/** The keys of an entry that only some client understands, in the order of the entry. */
export function clientOnlyKeys(entry: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(entry).filter((key) => CLIENT_KEYS.includes(key));
}
