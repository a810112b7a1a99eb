import * as z from 'zod';

/** Whose login a server is asked with: one that all callers share, or each caller's own. */
export type CredentialOf = 'shared' | 'user';

interface LoginCommon {
  /** Scopes that are asked for. @default what the server asks for, else what it lists */
  readonly scopes?: readonly string[] | undefined;
  /** Leaves "resource" (RFC 8707) out of requests, for authorization servers that refuse it. @default false */
  readonly omitResource: boolean;
  /**
   * Hosts, addresses and ranges of authorization servers that are not public, as "http.allow" of a plugin has them.
   *
   * @default public ones, and this machine where the server is on it
   */
  readonly allowedHosts: readonly string[];
}

/** People log in with a browser: authorization code with PKCE. */
export interface OauthLogin extends LoginCommon {
  readonly type: 'oauth';
  /** The authorization server, where the server names several or none. @default the first that the server names */
  readonly issuer?: string | undefined;
  /** A client that was registered by hand. @default the gateway's own metadata document, else dynamic registration */
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  /** Added to the address at which people log in, such as `access_type`. */
  readonly extraAuthorizeParams: Readonly<Record<string, string>>;
}

/** The gateway logs in as itself. */
export interface ClientCredentialsLogin extends LoginCommon {
  readonly type: 'clientCredentials';
  readonly issuer?: string | undefined;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  /** PKCS #8 PEM of the key that signs the client's assertion (RFC 7523), in place of a secret. */
  readonly privateKey?: string | undefined;
  /** How `privateKey` signs. @default ES256 */
  readonly algorithm: 'ES256' | 'RS256' | 'PS256' | 'EdDSA';
}

/** The token that a caller came in with is exchanged for one of the server. */
export interface TokenExchangeLogin extends LoginCommon {
  readonly type: 'tokenExchange';
  /** Where the caller's token is exchanged (RFC 8693). */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  /** What the token is wanted for, where the authorization server needs a name of its own. */
  readonly audience?: string | undefined;
  /** Exchanges for an identity assertion (ID-JAG), which the server's own authorization server takes (jwt-bearer). */
  readonly idJag?:
    | {
        /** @default the first that the server names */
        readonly issuer?: string | undefined;
        readonly clientId: string;
        readonly clientSecret?: string | undefined;
      }
    | undefined;
}

export type LoginEntry = OauthLogin | ClientCredentialsLogin | TokenExchangeLogin;

const address = z.url({ protocol: /^https?$/ });
const text = z.string().min(1);

const common = {
  scopes: z.array(text).optional().describe('Scopes that are asked for'),
  omitResource: z.boolean().default(false).describe('Leave out "resource", for authorization servers that refuse it'),
  allowedHosts: z.array(text).default([]).describe('Authorization servers at addresses that are not public'),
};

/** What the gateway itself says at that address, and how else it is said; `request` and `request_uri` would take the place of all of it (RFC 9101). */
const SAID_OTHERWISE: ReadonlyMap<string, string> = new Map([
  ['client_id', '"clientId" says it'],
  ['client_secret', '"clientSecret" says it, and no browser may see it'],
  ['scope', '"scopes" says it'],
  ['resource', 'the server says it, and "omitResource" leaves it out'],
  ...['redirect_uri', 'state', 'response_type', 'response_mode', 'code_challenge', 'code_challenge_method'].map(
    (name) => [name, 'the gateway makes it, and who could change it could take logins over'] as const,
  ),
  ...['request', 'request_uri'].map((name) => [name, 'it would take the place of what the gateway says'] as const),
]);

const extraAuthorizeParams = z.record(text, z.string()).superRefine((params, context) => {
  for (const name of Object.keys(params)) {
    const why = SAID_OTHERWISE.get(name.toLowerCase());
    if (why !== undefined)
      context.addIssue({ code: 'custom', path: [name], message: `is no extra: ${why}. Take it out` });
  }
});

const oauth = z.strictObject({
  type: z.literal('oauth'),
  issuer: address.optional().describe('The authorization server, where the server names several or none'),
  clientId: text.optional().describe('A client that was registered by hand'),
  clientSecret: text.optional().describe('Its secret, as a variable'),
  extraAuthorizeParams: extraAuthorizeParams.default({}).describe('Added to the address at which people log in'),
  ...common,
});

const clientCredentials = z
  .strictObject({
    type: z.literal('clientCredentials'),
    issuer: address.optional().describe('The authorization server'),
    clientId: text.describe('The client that the gateway is'),
    clientSecret: text.optional().describe('Its secret, as a variable'),
    privateKey: text.optional().describe('PKCS #8 PEM of its key, as a variable, in place of a secret'),
    algorithm: z.enum(['ES256', 'RS256', 'PS256', 'EdDSA']).default('ES256').describe('How "privateKey" signs'),
    ...common,
  })
  .refine(({ clientSecret, privateKey }) => (clientSecret === undefined) !== (privateKey === undefined), {
    message: 'needs one of "clientSecret" and "privateKey"',
  });

const tokenExchange = z.strictObject({
  type: z.literal('tokenExchange'),
  issuer: address.describe("Where the caller's token is exchanged"),
  clientId: text.describe('The client that the gateway is there'),
  clientSecret: text.optional().describe('Its secret, as a variable'),
  audience: text.optional().describe('What the token is wanted for'),
  idJag: z
    .strictObject({
      issuer: address.optional().describe("The server's own authorization server"),
      clientId: text.describe('The client that the gateway is there'),
      clientSecret: text.optional().describe('Its secret, as a variable'),
    })
    .optional()
    .describe("Exchange for an identity assertion, which the server's own authorization server takes"),
  ...common,
});

const PLAIN: OauthLogin = { type: 'oauth', extraAuthorizeParams: {}, omitResource: false, allowedHosts: [] };

/** The key "auth" of a server: how the gateway gets the credential that it asks the server with. */
export const loginEntry: z.ZodType<LoginEntry> = z.union([
  z.literal('oauth').transform(() => PLAIN),
  z.discriminatedUnion('type', [oauth, clientCredentials, tokenExchange]),
]);
