import * as z from 'zod';

/** At which server and authorization server a login holds, and as which client: it is never used at another. */
export interface LoginClient {
  /** The address of the server, as the configuration has it. */
  readonly url: string;
  /** What tokens are asked for (RFC 8707); absent where that is left out. */
  readonly resource?: string | undefined;
  /** The authorization server that gives them. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  /** How the client shows who it is, where the authorization server has said so. */
  readonly authMethod?: string | undefined;
}

/** The members of {@link LoginClient} in a record. */
export const loginClientShape: { readonly [K in keyof LoginClient]-?: z.ZodType<LoginClient[K]> } = {
  url: z.string(),
  resource: z.string().optional(),
  issuer: z.string(),
  clientId: z.string(),
  clientSecret: z.string().optional(),
  authMethod: z.string().optional(),
};
