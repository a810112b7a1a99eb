import * as z from 'zod';
import type { AdminSection } from './auth-section.ts';

/** Signing in to the console at an OpenID provider, in the browser: authorization code with PKCE. */
export interface OidcSection {
  /** Must equal the issuer of its metadata and of its ID tokens; over http on this machine alone. */
  readonly issuer: string;
  readonly clientId: string;
  /** In a file only as one `${VARIABLE}`. @default none: a public client, which PKCE alone protects */
  readonly clientSecret?: string | undefined;
  /** Asked for beside `openid`. */
  readonly scopes: readonly string[];
  /** Whom the claims let in, and as what. */
  readonly admin: AdminSection;
}

export const oidcSection: z.ZodType<OidcSection> = z.strictObject({
  issuer: z
    .url()
    .refine((text) => !URL.canParse(text) || isProtected(new URL(text)), {
      error: 'expected an https address without query or fragment; http is for an issuer on this machine alone',
    })
    .describe('The OpenID provider, as its metadata names it'),
  clientId: z.string().min(1).describe('The client that it knows the gateway as'),
  clientSecret: z.string().min(1).optional().describe("The client's secret, as a variable; none for a public client"),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/, 'expected one scope, without spaces'))
    .default([])
    .describe('Asked for beside openid, such as email or groups'),
  admin: z
    .strictObject({
      claim: z.string().min(1).describe('The claim that says it, such as groups, roles or email'),
      viewer: z.array(z.string().min(1)).default([]).describe('Values that open the console to look'),
      operator: z.array(z.string().min(1)).default([]).describe('Values that open it to change things'),
    })
    .refine(({ viewer, operator }) => viewer.length + operator.length > 0, {
      error: 'nobody could sign in: name values of the claim under "viewer" or "operator"',
    })
    .describe('Who may sign in'),
});

function isProtected({ protocol, hostname, search, hash }: URL): boolean {
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  return (protocol === 'https:' || (protocol === 'http:' && isHere)) && search === '' && hash === '';
}
