import type { Exchange } from '../protocol/exchange.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';

/** Answers to what an earlier leg of the request asked, for the server that asked it. */
export function withAnswers(
  params: ObjectText | undefined,
  { inputResponses, requestState }: Exchange,
): ObjectText | undefined {
  if (!params || (inputResponses === undefined && requestState === undefined)) return params;
  const answered = inputResponses === undefined ? params : params.with('inputResponses', inputResponses);
  return requestState === undefined ? answered : answered.withValue('requestState', requestState);
}
