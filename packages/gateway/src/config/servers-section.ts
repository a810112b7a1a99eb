import * as z from 'zod';
import { NAME_SERVED_TOOLS } from './foreign-keys.ts';
import { type Guarding, guardingShape } from './guarding.ts';
import { DEFAULT_CALL_TIMEOUT_MS, grantShape } from './guest-grants.ts';
import { whyNoHeader } from './header-text.ts';
import { isModule } from './is-module.ts';
import { type CredentialOf, type LoginEntry, loginEntry } from './login-entry.ts';
import { type ModuleLimits, memoryCeiling } from './modules-section.ts';
import { serverStorageGrants } from './storage-grant.ts';

interface ServerCommon extends Guarding {
  /** Keeps the entry in the file without starting it. @default false */
  readonly disabled: boolean;
  /** How long the server may take to start and to answer the handshake. @default 30_000 */
  readonly connectTimeoutMs: number;
  /** Deadline of one request. @default 60_000 */
  readonly callTimeoutMs: number;
  readonly breaker: {
    /** Failures in a row after which calls are refused at once; calls that end with one connection are one. @default 5 */
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

/** A server that is a WASI command or a component, and runs in a thread of the gateway: it gets what is named here, and nothing else. */
export interface WasmServerEntry extends ServerCommon {
  readonly type: 'wasm';
  /** Absolute once resolved; in the file, relative to the file. */
  readonly wasm: string;
  readonly args: readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Directories that it may use, each as `storage-grant.ts` says. @default none */
  readonly storage: readonly string[];
  /** What a component may reach over HTTP, as "http.allow" of plugins. @default none */
  readonly hosts: readonly string[];
  readonly limits: Pick<ModuleLimits, 'memoryCeilingBytes'>;
  /** Starts it anew when its file has changed. @default false */
  readonly watch: boolean;
}

/** A server that is started here, and speaks over its stdin and stdout. */
export type ProgramEntry = StdioServerEntry | WasmServerEntry;

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
export type ServerEntry = ProgramEntry | RemoteServerEntry;

export function isProgram(entry: ServerEntry): entry is ProgramEntry {
  return entry.type === 'stdio' || entry.type === 'wasm';
}

/** Keys that clients write for themselves; they mean nothing here and are said so once. */
const CLIENT_KEYS = ['alwaysAllow', 'autoApprove', 'description', 'disabledTools', 'timeout', 'trust'];

const TRANSPORTS: Readonly<Record<string, 'stdio' | 'wasm' | 'http' | 'sse'>> = {
  stdio: 'stdio',
  wasm: 'wasm',
  http: 'http',
  'streamable-http': 'http',
  streamableHttp: 'http',
  sse: 'sse',
};

const shape = z.strictObject({
  type: z
    .enum(['stdio', 'wasm', 'http', 'streamable-http', 'streamableHttp', 'sse'])
    .optional()
    .describe('stdio with "command", wasm with "wasm", http with "url", or the older sse'),
  command: z.string().min(1).optional().describe('The program that is the server'),
  wasm: z
    .string()
    .min(1)
    .optional()
    .describe('The WASI command or component that is the server, relative to this file'),
  args: z.array(z.string()).optional().describe('Arguments of "command" or "wasm"'),
  env: grantShape.env.describe('The program\'s own variables; all that "wasm" gets'),
  hosts: grantShape.hosts.describe('Hosts that a component in "wasm" may reach over HTTP'),
  storage: serverStorageGrants
    .optional()
    .describe(
      'Directories that "wasm" may use, as "fs:///srv/notes:ro" or ":rw"; "kv:memory" for keys and values in memory',
    ),
  limits: z
    .strictObject({
      memoryCeilingBytes: memoryCeiling('Ceiling on the memory of "wasm" (256 MiB)'),
      callTimeoutMs: z.int().min(1).optional().describe('The same as "callTimeoutMs", as plugins have it'),
    })
    .optional(),
  watch: z.boolean().optional().describe('Start "wasm" anew when its file has changed (false)'),
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
  callTimeoutMs: z.int().min(1).default(DEFAULT_CALL_TIMEOUT_MS).describe('Deadline of one request'),
  breaker: z
    .strictObject({
      failures: z
        .int()
        .min(1)
        .default(5)
        .describe(
          'Failures in a row after which calls are refused at once; calls that end with one connection are one',
        ),
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

export const NO_TRANSPORT =
  'needs "command" (a program to start), "wasm" (a WASI command or component to run) or "url" (a server that runs)';

/** What only a guest can be given: a program has what its user has. */
const WASM_KEYS = ['storage', 'hosts', 'limits', 'watch'] as const;

export const serverEntry: z.ZodType<ServerEntry> = shape.transform((entry, context): ServerEntry => {
  const { type, command, wasm, args, env, cwd, url, headers, auth, credential, ...others } = entry;
  const { storage, hosts, limits, watch, ...common } = others;
  const refuse = (message: string): never => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  for (const key of CLIENT_KEYS) Reflect.deleteProperty(common, key);
  const [first, second] = (['command', 'wasm', 'url'] as const).filter((key) => entry[key] !== undefined);
  if (first === undefined) return refuse(NO_TRANSPORT);
  if (second !== undefined) return refuse(`has both "${first}" and "${second}"; keep the one that is meant`);
  const transport = TRANSPORTS[type ?? IMPLIED[first]] ?? 'http';
  if (wasm !== undefined) {
    if (transport !== 'wasm') return refuse(`type "${type}" needs "${NEEDED[transport]}", not "wasm"`);
    const stray = (['cwd', 'headers', 'auth', 'credential'] as const).find((key) => entry[key] !== undefined);
    if (stray !== undefined)
      return refuse(`"${stray}" does not go with "wasm"; it gets what "args", "env", "storage" and "hosts" give it`);
    const { callTimeoutMs = common.callTimeoutMs, ...ceilings } = limits ?? {};
    if (![callTimeoutMs, DEFAULT_CALL_TIMEOUT_MS].includes(common.callTimeoutMs))
      return refuse('"callTimeoutMs" and "limits.callTimeoutMs" are the same; keep one of them');
    return {
      ...{ ...common, callTimeoutMs, type: 'wasm', wasm, args: args ?? [], env: env ?? {} },
      ...{ storage: storage ?? [], hosts: hosts ?? [], limits: ceilings, watch: watch ?? false },
    };
  }
  const ungrantable = WASM_KEYS.find((key) => entry[key] !== undefined);
  if (ungrantable !== undefined) {
    const meant = command !== undefined && isModule(command) ? '; name the file as "wasm" in place of "command"' : '';
    return refuse(`"${ungrantable}" goes with "wasm", not with "${first}"${meant}`);
  }
  if (transport === 'wasm') return refuse(`type "wasm" needs "wasm", not "${first}"`);
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

const IMPLIED = { command: 'stdio', wasm: 'wasm', url: 'http' } as const;
const NEEDED = { stdio: 'command', wasm: 'wasm', http: 'url', sse: 'url' } as const;
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
