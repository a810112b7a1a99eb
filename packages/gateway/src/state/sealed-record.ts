import * as z from 'zod';
import { recordParser } from './record-parser.ts';
import type { RecordKind } from './records.ts';

/** What a vault keeps where several gateways find it: sealed, or that it has ended, so that nobody brings a copy of it back. */
export type SealedRecord =
  | {
      /** Which key opens it; base64, as the others. Source: login/sealing.ts. */
      readonly sealed: {
        readonly keyId: string;
        readonly nonce: string;
        readonly tag: string;
        readonly data: string;
      };
    }
  /** Milliseconds since 1970. */
  | { readonly endedAt: number };

const text = z.string();

const schema = z.union([
  z.looseObject({ sealed: z.object({ keyId: text, nonce: text, tag: text, data: text }) }),
  z.looseObject({ endedAt: z.number() }),
]);

/** Key: kind of the record, its key. Stays, as files of a vault do; what has ended is forgotten after a while. */
export const sealedRecords: RecordKind<SealedRecord> = {
  prefix: 'sealed',
  outlivesSessions: true,
  parse: recordParser(schema),
};
