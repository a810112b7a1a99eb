import * as z from 'zod';
import { DISCOVERIES, type Discovery } from './discovery.ts';

/** Who may come in. Any one of the three is enough; without any, everybody who reaches the socket is let in. */
export interface AuthSection {
  readonly apiKeys: readonly ApiKeyEntry[];
  readonly jwt?: JwtSection | undefined;
  /** Client certificates that are let in; needs "tls.clientCa". */
  readonly clientCertificates: readonly ClientCertificateEntry[];
}

interface Scoped {
  /** The principal's name in logs, the audit log and limits. */
  readonly name: string;
  /** Servers and plugins this principal sees. @default all */
  readonly servers?: readonly string[] | undefined;
  /** How this principal finds tools. @default what holds for the endpoint */
  readonly discovery?: Discovery | undefined;
  /** Names of entries in "roles", which say what of these servers this principal may use. @default everything */
  readonly roles?: readonly string[] | undefined;
  /** Name of the entry in "profiles" that this principal is limited to, at every endpoint. @default none */
  readonly profile?: string | undefined;
}

/** What somebody may do in the console and with its API: look, or change things too. */
export type AdminRole = 'viewer' | 'operator';

export interface ApiKeyEntry extends Scoped {
  /** Makes it an admin key. @default none: it opens MCP alone */
  readonly admin?: AdminRole | undefined;
  /** `sha256:<64 hexadecimal digits>` of the key, as `lockgate config key` prints it. */
  readonly hash?: string | undefined;
  /** The key itself, at least 32 characters; in a file only as one `${VARIABLE}`. */
  readonly key?: string | undefined;
}

export interface ClientCertificateEntry extends Scoped {
  /** SHA-256 fingerprint, hexadecimal with or without colons. */
  readonly fingerprint256?: string | undefined;
  /** The subject's common name, as the client CA vouches for it. */
  readonly commonName?: string | undefined;
}

/** The gateway as an OAuth 2.1 resource server. Source: MCP specification, "Authorization". */
export interface JwtSection {
  /** The authorization server; must equal the token's `iss`. */
  readonly issuer: string;
  /** Must be among the token's `aud`. */
  readonly audience: string;
  /** @default `<issuer>/.well-known/jwks.json` */
  readonly jwksUri?: string | undefined;
  readonly algorithms: readonly string[];
  readonly requiredScopes: readonly string[];
  /** Scope → the servers and plugins it opens. Without it, every valid token sees all. */
  readonly scopeServers?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Which roles a token has. Without it, every valid token may use all that its scopes open. */
  readonly roles?: JwtRolesSection | undefined;
  /** Which profile limits a token. Without it, none does. */
  readonly profile?: JwtProfileSection | undefined;
  /** @default 5 */
  readonly clockToleranceSeconds: number;
  /** Whose tokens open the console. @default nobody's */
  readonly admin?: AdminSection | undefined;
}

/** A token opens the console where its claim holds one of these values; the operator's count first. */
export interface AdminSection {
  /** A text, with spaces between several values, or a list of texts. @default scope, for access tokens */
  readonly claim: string;
  readonly viewer: readonly string[];
  readonly operator: readonly string[];
}

/** A token has the roles of each value that its claim holds; one without any of them is refused. */
export interface JwtRolesSection {
  /** A text, with spaces between several values, or a list of texts. Dots lead into objects: `realm_access.roles`. @default roles */
  readonly claim: string;
  /** Value of the claim → names of entries in "roles". */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

/** A token is limited to the profile of the first of these values that its claim holds; one without any of them is refused. */
export interface JwtProfileSection {
  /** A text, with spaces between several values, or a list of texts. Dots lead into objects. */
  readonly claim: string;
  /** Value of the claim → name of an entry in "profiles". */
  readonly values: Readonly<Record<string, string>>;
}

/** Whoever holds the pipe of `--stdio`, and everybody where nobody is asked: their sessions and labels are no key's. */
const OWN_PRINCIPALS: readonly string[] = ['stdio', 'anonymous'];

const scoped = {
  name: z
    .string()
    .regex(/^[\w.@-]{1,128}$/, 'expected letters, digits, "_", ".", "@" and "-", at most 128 of them')
    .refine((name) => !OWN_PRINCIPALS.includes(name), 'the gateway itself has a principal of this name; choose another')
    .describe('Name in logs and the audit log'),
  servers: z.array(z.string().min(1)).optional().describe('Servers and plugins this principal sees; all when absent'),
  discovery: z.enum(DISCOVERIES).optional().describe('How this principal finds tools'),
  roles: z.array(z.string().min(1)).optional().describe('Entries of "roles": what it may use; all when absent'),
  profile: z.string().min(1).optional().describe('Entry of "profiles" that it is limited to'),
};

function exactlyOne(first: string, second: string) {
  return (entry: object, context: z.RefinementCtx): void => {
    const has = (key: string): boolean => Reflect.get(entry, key) !== undefined;
    if (has(first) === has(second)) context.addIssue({ code: 'custom', message: `expected "${first}" or "${second}"` });
  };
}

export const authSection: z.ZodType<AuthSection> = z.strictObject({
  apiKeys: z
    .array(
      z
        .strictObject({
          ...scoped,
          hash: z
            .string()
            .regex(
              /^sha256:[0-9a-f]{64}$/,
              'expected "sha256:" and 64 lower-case hexadecimal digits; run `lockgate config key`',
            )
            .optional()
            .describe('As `lockgate config key` prints it'),
          key: z
            .string()
            .min(32, 'a key has at least 32 characters; `lockgate config key` makes one')
            .regex(
              /^\S*$/,
              'a key has no white space: give the word alone that begins with "lg_", not the whole line of it',
            )
            .optional()
            .describe('The key, at least 32 characters, as a variable'),
          admin: z.enum(['viewer', 'operator']).optional().describe('Opens the console: to look, or to change things'),
        })
        .superRefine(exactlyOne('hash', 'key'))
        .superRefine(({ admin, ...limits }, context) => {
          for (const key of ['servers', 'roles', 'profile'] as const) {
            if (admin === undefined || limits[key] === undefined) continue;
            const message = `the console tells of every server, so an admin key has no "${key}" of its own; leave one of them out`;
            context.addIssue({ code: 'custom', path: [key], message });
          }
        }),
    )
    .default([]),
  jwt: z
    .strictObject({
      issuer: z.url().describe("Must equal the token's issuer"),
      audience: z.string().min(1).describe("Must be among the token's audiences"),
      jwksUri: z.url().optional().describe('Where the issuer publishes its keys'),
      algorithms: z
        .array(
          z.enum(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']),
        )
        .min(1)
        .default(['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'])
        .describe('Signatures that are accepted'),
      requiredScopes: z.array(z.string().min(1)).default([]).describe('Scopes every token must carry'),
      scopeServers: z
        .record(z.string(), z.array(z.string().min(1)))
        .optional()
        .describe('Scope → servers it opens'),
      roles: z
        .strictObject({
          claim: z.string().min(1).default('roles').describe('The claim that says it; dots lead into objects'),
          values: z.record(z.string(), z.array(z.string().min(1))).describe('Value of the claim → entries of "roles"'),
        })
        .optional()
        .describe('Which roles a token has'),
      profile: z
        .strictObject({
          claim: z.string().min(1).describe('The claim that says it; dots lead into objects'),
          values: z.record(z.string(), z.string().min(1)).describe('Value of the claim → entry of "profiles"'),
        })
        .optional()
        .describe('Which profile a token is limited to'),
      clockToleranceSeconds: z.int().min(0).max(300).default(5).describe('How far clocks may differ'),
      admin: z
        .strictObject({
          claim: z.string().min(1).default('scope').describe('The claim that says it'),
          viewer: z.array(z.string().min(1)).default([]).describe('Values that open the console to look'),
          operator: z.array(z.string().min(1)).default([]).describe('Values that open it to change things'),
        })
        .optional()
        .describe('Whose tokens open the console'),
    })
    .optional()
    .describe('Bearer tokens of an OAuth 2.1 authorization server'),
  clientCertificates: z
    .array(
      z
        .strictObject({
          ...scoped,
          fingerprint256: z
            .string()
            .regex(/^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$/, 'expected 32 bytes in hexadecimal')
            .optional()
            .describe('SHA-256 fingerprint of the certificate'),
          commonName: z.string().min(1).optional().describe("Common name of the certificate's subject"),
        })
        .superRefine(exactlyOne('fingerprint256', 'commonName')),
    )
    .default([]),
});
