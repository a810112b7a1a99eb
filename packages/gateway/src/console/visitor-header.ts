import type { IncomingMessage } from 'node:http';
import { parseJson } from '../json.ts';
import type { Visitor } from './api-handler.ts';

type Told = Omit<Visitor, 'still'>;

/** Where one process of a gateway tells another who asks, over a socket that their user alone may open. */
export const VISITOR_HEADER = 'lockgate-visitor';

export function visitorHeader({ name, role, caller, via, key }: Told): string {
  return Buffer.from(JSON.stringify({ name, role, caller, via, key } satisfies Told)).toString('base64url');
}

/** Undefined where the header is not there: whoever asks is at the socket itself. */
export function readVisitor({ headers }: Pick<IncomingMessage, 'headers'>): Visitor | undefined {
  const header = headers[VISITOR_HEADER];
  if (typeof header !== 'string') return undefined;
  const told = parseJson(Buffer.from(header, 'base64url').toString()) as Told | undefined;
  return told && { ...told, still: () => told };
}
