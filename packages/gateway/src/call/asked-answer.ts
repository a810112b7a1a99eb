import type { AnswerForm } from '../answers/answer-form.ts';
import { ANSWER_KEY, readAsked, withoutAsked } from '../answers/asked-form.ts';
import type { Found } from '../catalog/catalog.ts';
import { BadRequestError } from '../errors.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { Served } from './served.ts';

/** A call of a tool, and the form in which its answer is given. */
export interface AskedAnswer {
  /** As the server gets them: how its answer is given is not its concern. */
  readonly params: ObjectText | undefined;
  /** Absent where the answer is given as it comes. */
  readonly form?: AnswerForm;
}

/**
 * What a call asks of its answer, else what is configured for the tool, else what its plugin says.
 *
 * @throws GATEWAY_BAD_REQUEST where it asks for what cannot be.
 */
export function askedAnswer({ source, ownName }: Found<Served>, params: ObjectText | undefined): AskedAnswer {
  const meta = params?.object('_meta');
  if (!params || !meta?.has(ANSWER_KEY)) return withForm(params, source.answers?.formOf(ownName));
  const asked = readAsked(meta.value(ANSWER_KEY), source.answers?.limitOf(ownName) ?? 0);
  const sent = withoutAsked(params, meta);
  if (asked === 'whole') return { params: sent };
  if ('problems' in asked)
    throw new BadRequestError(`Invalid params: _meta["${ANSWER_KEY}"]: ${asked.problems.join('; ')}`);
  return withForm(sent, asked);
}

function withForm(params: ObjectText | undefined, form: AnswerForm | undefined): AskedAnswer {
  return { params, ...(form?.isAny && { form }) };
}
