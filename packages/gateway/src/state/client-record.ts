import * as z from 'zod';
import { recordParser } from './record-parser.ts';
import type { RecordKind } from './records.ts';

/** The client that the gateway has registered as at one authorization server. */
export interface ClientRecord {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  /** How the client shows who it is, where the authorization server has said so. */
  readonly authMethod?: string | undefined;
  /** The scopes it was registered with: it may ask for no others. */
  readonly scopes: readonly string[];
  /** Milliseconds since 1970 at which its secret ends; absent of one that does not. */
  readonly expiresAt?: number | undefined;
}

const schema = z.looseObject({
  clientId: z.string(),
  clientSecret: z.string().optional(),
  authMethod: z.string().optional(),
  scopes: z.array(z.string()),
  expiresAt: z.number().optional(),
});

/** Key: issuer, redirect address. Kept sealed, and beyond the process. */
export const clientRecords: RecordKind<ClientRecord> = {
  prefix: 'client',
  outlivesSessions: true,
  parse: recordParser(schema),
};
