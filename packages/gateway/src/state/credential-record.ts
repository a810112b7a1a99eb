import { z } from 'zod';
import { recordParser } from './record-parser.ts';
import type { RecordKind } from './records.ts';

/** A login at one server: the grant of one authorization server to one client of it. Never used at another server or issuer. */
export interface CredentialRecord {
  /** The address of the server that it is for, as the configuration has it. */
  readonly url: string;
  /** What its tokens were asked for (RFC 8707); absent where that was left out. */
  readonly resource?: string | undefined;
  /** The authorization server that gave it. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  /** How the client shows who it is, where the authorization server has said so. */
  readonly authMethod?: string | undefined;
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
  /** Scopes that were asked for in all logins, in order. */
  readonly askedScopes: readonly string[];
  /** Scopes that it has, where the authorization server says so. */
  readonly scopes?: readonly string[] | undefined;
  /** Milliseconds since 1970, since several processes read them. */
  readonly obtainedAt: number;
  /** Absent where the authorization server does not say. */
  readonly expiresAt?: number | undefined;
  /** When somebody logged in; a renewal leaves it as it is. */
  readonly loggedInAt: number;
}

const schema = z.looseObject({
  url: z.string(),
  resource: z.string().optional(),
  issuer: z.string(),
  clientId: z.string(),
  clientSecret: z.string().optional(),
  authMethod: z.string().optional(),
  accessToken: z.string(),
  refreshToken: z.string().optional(),
  askedScopes: z.array(z.string()),
  scopes: z.array(z.string()).optional(),
  obtainedAt: z.number(),
  expiresAt: z.number().optional(),
  loggedInAt: z.number(),
});

/** Key: server, whose it is. Kept sealed, and beyond the process. */
export const credentialRecords: RecordKind<CredentialRecord> = {
  prefix: 'credential',
  outlivesSessions: true,
  parse: recordParser(schema),
};
