import * as z from 'zod';
import { DISCOVERIES, type Discovery } from '../config/discovery.ts';
import { recordParser } from './record-parser.ts';
import type { RecordKind } from './records.ts';

/** A client's session, under its id: all that another process needs to go on with it. */
export interface SessionRecord {
  readonly id: string;
  readonly principal: string;
  /** Servers and plugins that the principal sees; all when absent. */
  readonly allowedServers?: readonly string[] | undefined;
  /** The roles that say what of these it may use; everything when absent. */
  readonly roles?: readonly string[] | undefined;
  /** The profile that it is limited to; absent where none limits it. */
  readonly profile?: string | undefined;
  /** How its client finds tools, where the session or its credential says so. */
  readonly discovery?: Discovery | undefined;
  /** The revision of the protocol that was agreed on, which says its era. */
  readonly protocolVersion: string;
  readonly clientInfo?: Readonly<Record<string, unknown>> | undefined;
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** The server it was opened for; absent for the endpoint of all. */
  readonly endpoint?: string | undefined;
  /** The least severe log message the client wants; absent until it says so. */
  readonly logLevel?: string | undefined;
  /** Resources that it is subscribed to, so that another gateway goes on with them; those of the first hundred that are short. */
  readonly subscriptions?: readonly string[] | undefined;
  /** Milliseconds since 1970, since several processes read them. */
  readonly createdAt: number;
  readonly lastUsedAt: number;
  /** The process that holds the client's streams; absent while none does. */
  readonly attachedTo?: string | undefined;
}

const object = z.record(z.string(), z.unknown());

const schema = z.looseObject({
  id: z.string(),
  principal: z.string(),
  allowedServers: z.array(z.string()).optional(),
  profile: z.string().optional(),
  roles: z.array(z.string()).optional(),
  discovery: z.enum(DISCOVERIES).optional(),
  protocolVersion: z.string(),
  clientInfo: object.optional(),
  capabilities: object,
  endpoint: z.string().optional(),
  logLevel: z.string().optional(),
  subscriptions: z.array(z.string()).optional(),
  createdAt: z.number(),
  lastUsedAt: z.number(),
  attachedTo: z.string().optional(),
});

/** Key: the session's id. */
export const sessionRecords: RecordKind<SessionRecord> = { prefix: 'session', parse: recordParser(schema) };
