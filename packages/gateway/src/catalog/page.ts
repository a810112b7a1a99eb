import { listText } from '../protocol/frame/list-text.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import type { ListName } from './offer.ts';

/** Items of one answer; a client that does not ask for the next page misses only what is beyond. */
export const PAGE_ITEMS = 1_000;

/**
 * One page of a list. The cursor says where the next begins; a list that changes in between is announced by the
 * notification of its change, not by a cursor that fails.
 *
 * @param metadata - The members of the result other than the items, which come where the list stands among them, else at the end.
 */
export function page(list: ListName, items: readonly ObjectText[], start: number, metadata: ObjectText): ObjectText {
  const end = start + PAGE_ITEMS;
  const found = metadata.with(list, listText(items.slice(start, end)));
  return end < items.length ? found.withValue('nextCursor', Buffer.from(`${end}`).toString('base64url')) : found;
}

/**
 * Where the page of a cursor begins.
 *
 * @throws RpcError -32602 for a cursor that no answer held.
 */
export function pageStart(params: ObjectText | undefined): number {
  if (params?.has('cursor') !== true) return 0;
  const text = Buffer.from(params.text('cursor') ?? '', 'base64url').toString('utf8');
  if (!/^\d{1,9}$/.test(text)) throw RpcError.of(RpcCode.invalidParams, 'Invalid cursor');
  return Number(text);
}
