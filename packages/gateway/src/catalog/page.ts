import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { JsonObject } from '../upstream/message.ts';

/** Items of one answer; a client that does not ask for the next page misses only what is beyond. */
const PAGE_ITEMS = 1_000;

/**
 * One page of a list. The cursor says where the next begins; a list that changes in between is announced by the
 * notification of its change, not by a cursor that fails.
 *
 * @throws JSON-RPC -32602 for a cursor that no answer held.
 */
export function page(list: string, items: readonly JsonObject[], cursor: unknown): JsonObject {
  const start = cursor === undefined ? 0 : offsetOf(cursor);
  const end = start + PAGE_ITEMS;
  return {
    [list]: start === 0 && end >= items.length ? items : items.slice(start, end),
    ...(end < items.length && { nextCursor: Buffer.from(`${end}`).toString('base64url') }),
  };
}

function offsetOf(cursor: unknown): number {
  const text = typeof cursor === 'string' ? Buffer.from(cursor, 'base64url').toString('utf8') : '';
  if (!/^\d{1,9}$/.test(text)) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid cursor');
  return Number(text);
}
