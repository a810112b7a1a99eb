import * as z from 'zod';
import { type LoginClient, loginClientShape } from './login-client.ts';
import { recordParser } from './record-parser.ts';
import type { RecordKind } from './records.ts';

/** A login on its way through a browser. */
export interface PendingLoginRecord extends LoginClient {
  readonly server: string;
  /** Whose credential comes of it. */
  readonly holder: string;
  readonly redirectUri: string;
  /** Proves at the token endpoint that the code comes back to who asked for it (PKCE). */
  readonly verifier: string;
  readonly scopes: readonly string[];
  /** Digest of what the browser that began it holds in a cookie; absent where the answer comes to the program that began it. */
  readonly browser?: string | undefined;
}

const schema = z.looseObject({
  server: z.string(),
  holder: z.string(),
  ...loginClientShape,
  redirectUri: z.string(),
  verifier: z.string(),
  scopes: z.array(z.string()),
  browser: z.string().optional(),
});

/** Key: the state that goes through the browser. Taken once, and gone after ten minutes. */
export const pendingLoginRecords: RecordKind<PendingLoginRecord> = {
  prefix: 'login',
  outlivesSessions: true,
  parse: recordParser(schema),
};
