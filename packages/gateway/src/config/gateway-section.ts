import { availableParallelism } from 'node:os';
import * as z from 'zod';
import { type AnswersSection, answersSection } from './answers-section.ts';
import { type ApprovalRule, approvalRule } from './approvals-section.ts';
import { type AuthSection, authSection } from './auth-section.ts';
import { DISCOVERIES, type Discovery } from './discovery.ts';
import { parseNetwork } from './network.ts';
import { type OidcSection, oidcSection } from './oidc-section.ts';
import { type PinsSection, pinsSection } from './pins-section.ts';
import { type ScriptsSection, scriptsSection } from './scripts-section.ts';
import { type StateSection, stateSection } from './state-section.ts';

/** The key "gateway": where it listens, who may come in, where it writes, and its limits. */
export interface GatewaySection {
  /** `host:port`, `[v6]:port` or a port alone; port 0 takes a free one. @default 127.0.0.1:3000 */
  readonly listen: string;
  /** `unified` serves all at `/mcp` and each at `/mcp/<server>`; `routed` only the latter. @default unified */
  readonly mode: 'unified' | 'routed';
  /** `always` puts `<server>__` before each tool's name, `auto` only where two servers have the same name. @default always */
  readonly prefix: 'always' | 'auto';
  /** @default `__` */
  readonly prefixSeparator: string;
  /** Tools at the unified endpoint get names that every client takes: at most 64 of `A-Z a-z 0-9 _ -`. @default true */
  readonly portableNames: boolean;
  /** How clients find tools, where neither the endpoint, the API key nor the session says otherwise. @default list */
  readonly discovery: Discovery;
  /** Tokens that the list may take before `auto` means `search`; one is counted for each four bytes of it. @default 10_000 */
  readonly discoveryBudgetTokens: number;
  /** Scripts of clients that search. */
  readonly scripts: ScriptsSection;
  readonly answers: AnswersSection;
  /** The address clients use, where a proxy stands before the gateway. */
  readonly publicUrl?: string | undefined;
  /** Listens beyond loopback without "auth". @default false */
  readonly allowUnauthenticated: boolean;
  /** Names clients may use in `Host`, beside loopback, the listen address and "publicUrl". `*` accepts any. */
  readonly allowedHosts: readonly string[];
  /** Origins of web pages that may call, beside the gateway's own. `*` accepts any. */
  readonly allowedOrigins: readonly string[];
  /** Addresses and networks of proxies whose `X-Forwarded-For` says from where somebody signs in. @default none */
  readonly trustedProxies: readonly string[];
  /** Where log files go. Without it nothing is written to disk. */
  readonly logDir?: string | undefined;
  /** How large log files become, and how many earlier ones are kept. */
  readonly logRotation: LogRotation;
  /** Compiled modules. @default `<logDir>/wasm-cache`; without "logDir", memory */
  readonly wasmCacheDir?: string | undefined;
  /** Guards by server: `<wasmGuardsDir>/<server>/*.wasm`. */
  readonly wasmGuardsDir?: string | undefined;
  /** @default info */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** How long running calls may finish at the end. @default 10_000 */
  readonly shutdownTimeoutMs: number;
  /** How long it goes on taking work after SIGTERM, while `/health/ready` says 503 to balancers that ask it. @default 0 */
  readonly drainMs: number;
  /** Programs that may start at once; the others wait for their turn. @default two for each processor, at least 4 */
  readonly startConcurrency: number;
  /** What happens to answers that an agent may not read. @default strict */
  readonly guardsMode: 'strict' | 'filter' | 'propagate';
  readonly auth?: AuthSection | undefined;
  readonly tls?: TlsSection | undefined;
  readonly limits: GatewayLimits;
  /** Serves `/metrics`. @default true */
  readonly metrics: boolean;
  readonly tracing: TracingSection;
  /** The page at `/console`. @default on where only this machine reaches it, or "auth" names an admin; else off */
  readonly console?: boolean | ConsoleSection | undefined;
  /**
   * A socket for `lockgate status`, `logs`, `reload` and `console`, which only the gateway's own user may use; false for none.
   *
   * @default in a folder of the user, named after the configuration's path
   */
  readonly adminSocket?: string | false | undefined;
  readonly vault: VaultSection;
  /** What gateways share. @default each keeps its own, in memory */
  readonly state?: StateSection | undefined;
  /** @default no key */
  readonly audit: AuditSection;
  readonly pins: PinsSection;
  /** Calls that somebody has to allow before they are made. @default none */
  readonly approvals: readonly ApprovalRule[];
}

/** Where logins to servers are kept. Without a key they are kept in memory alone. */
export interface VaultSection {
  /** A folder. @default `$XDG_STATE_HOME/lockgate/vault` */
  readonly dir?: string | undefined;
  /** The key that seals them, of 32 bytes in Base64; older ones that still open them may follow, after spaces or commas. */
  readonly key?: string | undefined;
  /** A file of such keys, one a line, which `lockgate vault init` makes. @default `$XDG_STATE_HOME/lockgate/vault.key`, where it is there */
  readonly keyFile?: string | undefined;
}

/** What makes the chain of the audit log one that nobody can make anew. Without a key it is a chain of hashes. */
export interface AuditSection {
  /** The key, of 32 bytes in Base64; older ones, by which lines of before are checked, may follow after spaces or commas. */
  readonly key?: string | undefined;
  /** A file of such keys, one a line. */
  readonly keyFile?: string | undefined;
}

export interface ConsoleSection {
  /** Operators may write the configuration's file, and so start any program as the gateway's user. @default false */
  readonly allowConfigurationChanges: boolean;
  /** Another way to sign in, beside links, keys and tokens. @default none */
  readonly oidc?: OidcSection | undefined;
}

/** Log files are put aside as `<name>.1`, `<name>.2` and so on; the highest number is the oldest. */
export interface LogRotation {
  /** @default 104_857_600 (100 MiB) */
  readonly maxBytes: number;
  /** Files of each kind that are kept beside the one that is written. @default 10 */
  readonly keep: number;
}

/** PEM files, absolute once resolved. TLS 1.2 is the oldest that is spoken. */
export interface TlsSection {
  readonly cert: string;
  readonly key: string;
  /** Certificates of clients signed by this CA are asked for and checked. */
  readonly clientCa?: string | undefined;
}

/** OpenTelemetry over OTLP/HTTP. The standard `OTEL_*` variables apply where a key is absent. */
export interface TracingSection {
  /** @default false */
  readonly enabled: boolean;
  readonly endpoint?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** @default lockgate */
  readonly serviceName: string;
  /** Share of new traces that are kept, 0 to 1. @default 1 */
  readonly sampleRatio: number;
}

/** Limits of the HTTP side. */
export interface GatewayLimits {
  /** @default 67_108_864 (64 MiB) */
  readonly maxBodyBytes: number;
  /** @default 16_384 */
  readonly maxHeaderBytes: number;
  /** @default 1_000 */
  readonly maxConnections: number;
  /** Sessions of all clients together. @default 1_000 */
  readonly maxSessions: number;
  /** When a silent session ends. @default 3_600_000 (1 h) */
  readonly sessionIdleMs: number;
  /** How long a client may take to send its headers. @default 10_000 */
  readonly headersTimeoutMs: number;
  /** How long a client may take to send a whole request. @default 30_000 */
  readonly requestTimeoutMs: number;
}

const positive = z.int().min(1);
const folder = z.string().min(1).optional();

const limits = z.strictObject({
  maxBodyBytes: positive.default(64 * 1024 * 1024).describe('Largest request body'),
  maxHeaderBytes: positive.default(16 * 1024).describe('Largest sum of request headers'),
  maxConnections: positive.default(1_000).describe('Open connections'),
  maxSessions: positive.default(1_000).describe('Sessions of all clients together'),
  sessionIdleMs: positive.default(3_600_000).describe('When a silent session ends'),
  headersTimeoutMs: positive.default(10_000).describe('How long a client may take to send its headers'),
  requestTimeoutMs: positive.default(30_000).describe('How long a client may take to send a whole request'),
});

export const gatewaySection: z.ZodType<GatewaySection> = z.strictObject({
  listen: z
    .string()
    .refine((value) => parseListen(value) !== null, {
      error: ({ input }) =>
        `expected "host:port", "[v6]:port" or a port from 0 to 65535, e.g. "127.0.0.1:3000", got ${JSON.stringify(input)}`,
    })
    .default('127.0.0.1:3000')
    .describe('host:port; port 0 takes a free one'),
  mode: z.enum(['unified', 'routed']).default('unified').describe('One endpoint for all servers, or only one for each'),
  prefix: z.enum(['always', 'auto']).default('always').describe("When a server's name goes before its tools' names"),
  prefixSeparator: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,8}$/, 'expected 1 to 8 letters, digits, "_", "." or "-"')
    .default('__')
    .describe('Stands between the prefix and the name'),
  portableNames: z
    .boolean()
    .default(true)
    .describe('Unified: make names of tools that clients refuse fit (64 letters, digits, "_", "-")'),
  discovery: z.enum(DISCOVERIES).default('list').describe('How clients find tools: in a list, by search, or by size'),
  discoveryBudgetTokens: z
    .int()
    .min(0)
    .default(10_000)
    .describe('"auto" searches where the list takes more tokens than this'),
  scripts: scriptsSection.prefault({}),
  answers: answersSection.prefault({}),
  publicUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('The address clients use, behind a proxy'),
  allowUnauthenticated: z.boolean().default(false).describe('Listen beyond loopback without "auth"'),
  allowedHosts: z.array(z.string().min(1)).default([]).describe('More names for the Host header'),
  allowedOrigins: z.array(z.string().min(1)).default([]).describe('Origins of web pages that may call'),
  trustedProxies: z
    .array(
      z.string().refine((value) => parseNetwork(value) !== undefined, {
        error: 'expected an address such as "10.0.0.5", or a network such as "10.0.0.0/8"',
      }),
    )
    .default([])
    .describe('Proxies whose X-Forwarded-For says from where somebody signs in'),
  logDir: folder.describe('Where log files go'),
  logRotation: z
    .strictObject({
      maxBytes: z
        .int()
        .min(65_536)
        .default(100 * 1024 * 1024)
        .describe('Size at which a log file is put aside'),
      keep: z.int().min(0).max(1_000).default(10).describe('Earlier files that are kept of each'),
    })
    .prefault({}),
  wasmCacheDir: folder.describe('Compiled modules; wasm-cache in logDir when absent'),
  wasmGuardsDir: folder.describe('Guards by server: a folder of .wasm files for each'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').describe('What is logged'),
  shutdownTimeoutMs: z.int().min(0).default(10_000).describe('How long running calls may finish at the end'),
  drainMs: z.int().min(0).default(0).describe('How long work is still taken after SIGTERM, while balancers notice'),
  startConcurrency: z
    .int()
    .min(1)
    .optional()
    .describe('Programs that may start at once (2 per core, at least 4)')
    // Not a default of the schema, which is published and must not depend on the machine.
    .transform((given) => given ?? Math.max(4, 2 * availableParallelism())),
  guardsMode: z.enum(['strict', 'filter', 'propagate']).default('strict').describe('What happens to forbidden answers'),
  auth: authSection.optional().describe('Who may come in'),
  tls: z
    .strictObject({
      cert: z.string().min(1).describe('PEM file of the certificate chain'),
      key: z.string().min(1).describe('PEM file of the private key'),
      clientCa: z.string().min(1).optional().describe("PEM file of the clients' CA"),
    })
    .optional(),
  limits: limits.prefault({}),
  metrics: z.boolean().default(true).describe('Serve /metrics for Prometheus'),
  tracing: z
    .strictObject({
      enabled: z.boolean().default(false).describe('Send OpenTelemetry traces'),
      endpoint: z.url().optional().describe('OTLP/HTTP collector'),
      headers: z.record(z.string(), z.string()).prefault({}).describe('Sent to the collector'),
      serviceName: z.string().min(1).default('lockgate').describe('Name of the service in traces'),
      sampleRatio: z.number().min(0).max(1).default(1).describe('Share of new traces that are kept, 0 to 1'),
    })
    .prefault({}),
  console: z
    .union([
      z.boolean(),
      z.strictObject({
        allowConfigurationChanges: z.boolean().default(false).describe('Operators may write the configuration file'),
        oidc: oidcSection.optional().describe('Sign in to the console at an OpenID provider'),
      }),
    ])
    .optional()
    .describe('Serve /console, or what it may do; by default on loopback or with an admin'),
  adminSocket: z
    .union([z.string().min(1), z.literal(false)])
    .optional()
    .describe('Socket for lockgate status, logs and reload; false for none'),
  vault: z
    .strictObject({
      dir: folder.describe('Where logins to servers are kept'),
      key: z.string().min(1).optional().describe('Key that seals them, 32 bytes in Base64, as a variable'),
      keyFile: z.string().min(1).optional().describe('File of such keys; lockgate vault init makes it'),
    })
    .refine(({ key, keyFile }) => key === undefined || keyFile === undefined, {
      message: 'has both "key" and "keyFile"; keep the one that is meant',
    })
    .prefault({}),
  state: stateSection.optional().describe('Where state is kept that several gateways share; memory when absent'),
  audit: z
    .strictObject({
      key: z
        .string()
        .min(1)
        .optional()
        .describe('Key of the chain of the audit log, 32 bytes in Base64, as a variable'),
      keyFile: z.string().min(1).optional().describe('File of such keys, the one in use first'),
    })
    .refine(({ key, keyFile }) => key === undefined || keyFile === undefined, {
      message: 'has both "key" and "keyFile"; keep the one that is meant',
    })
    .prefault({}),
  pins: pinsSection.prefault({}),
  approvals: z.array(approvalRule).default([]).describe('Calls that somebody has to allow before they are made'),
});

/** The host and port of a "listen" value, or null when it is none. IPv6 hosts come without brackets. */
export function parseListen(listen: string): { readonly host: string; readonly port: number } | null {
  const match = /^(?:(?:\[([0-9A-Fa-f:.%a-z]+)\]|([^:[\]\s/]+)):)?(\d{1,5})$/.exec(listen.trim());
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) return null;
  return { host: match[1] ?? match[2] ?? '127.0.0.1', port };
}
