import * as z from 'zod';
import { recordParser } from './record-parser.ts';
import type { RecordKind } from './records.ts';

/** An address at which a caller may log in to a server. Who opens it has to show that they are that caller. */
export interface ConnectLinkRecord {
  readonly server: string;
  /** Whose credential comes of it. */
  readonly holder: string;
  /** Who was given it. */
  readonly caller: string;
  readonly how?: string | undefined;
}

const schema = z.looseObject({
  server: z.string(),
  holder: z.string(),
  caller: z.string(),
  how: z.string().optional(),
});

/** Key: the last part of the address. Gone after ten minutes. */
export const connectLinkRecords: RecordKind<ConnectLinkRecord> = {
  prefix: 'connect',
  outlivesSessions: true,
  parse: recordParser(schema),
};
