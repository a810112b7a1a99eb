import * as z from 'zod';
import { recordParser } from './record-parser.ts';
import type { RecordKind } from './records.ts';

/** One item that is approved. */
export interface StoredPin {
  readonly kind: 'tool' | 'prompt' | 'instructions';
  readonly name: string;
  /** `<version>:<SHA-256 in hex>` over all of it. */
  readonly digest: string;
  /** All of it, line by line. */
  readonly definition: readonly string[];
}

/** What is approved of one server. */
export interface PinRecord {
  /** Kinds of which the first sight is over. */
  readonly known: readonly StoredPin['kind'][];
  readonly items: readonly StoredPin[];
}

const kind = z.enum(['tool', 'prompt', 'instructions']);

const schema = z.looseObject({
  known: z.array(kind),
  items: z.array(z.looseObject({ kind, name: z.string(), digest: z.string(), definition: z.array(z.string()) })),
});

/** Key: server. It stays until somebody removes it. */
export const pinRecords: RecordKind<PinRecord> = {
  prefix: 'pins',
  outlivesSessions: true,
  parse: recordParser(schema),
};
