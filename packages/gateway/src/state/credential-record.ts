import * as z from 'zod';
import { type LoginClient, loginClientShape } from './login-client.ts';
import { recordParser } from './record-parser.ts';
import type { RecordKind } from './records.ts';

/** A login at one server: the grant of one authorization server to one client of it. Never used at another server or issuer. */
export interface CredentialRecord extends LoginClient {
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
  ...loginClientShape,
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
