import { exactValue } from '../protocol/frame/exact-value.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { JsonObject } from '../protocol/message.ts';

/** A number that JavaScript may hold, or write, as another one; where a string looks like it, nothing is lost but time. */
const MAY_BE_INEXACT = /\d{16}|\d[eE][+-]?\d|[[:,\s]-0/;

/**
 * The arguments of a call of a tool, to be written for a guest: each number as it was sent. `1e400` would be written as `null`, and an id of 19 digits as another one, while
 * a guard has judged what was sent.
 */
export function pluginArguments(params: ObjectText | undefined): JsonObject {
  const args = params?.object('arguments');
  if (params === undefined || args === undefined) return {};
  const isExact = !MAY_BE_INEXACT.test(args.toBytes().toString('latin1'));
  return (isExact ? params.value('arguments') : exactValue(params, 'arguments')) as JsonObject;
}
