import { answerRule } from '../config/answers-section.ts';
import { describeIssues } from '../config/problems.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import { AnswerForm } from './answer-form.ts';

/** Under this key of `_meta` a call says what is wanted of its answer, and an answer what became of it. */
export const ANSWER_KEY = 'dev.lockgate/answer';

/** Where a rule stands in a configuration, which knows its keys. */
const PLACE = ['mcpServers', 'server', 'answers', 'tool'];

/** What one call wants of its answer: a form, or all of it as it comes. */
export type AskedForm = AnswerForm | 'whole';

/**
 * Reads what a call asks of its answer, or the problems with it. `false` asks for all of it.
 *
 * @param limit - Bytes that an answer may have where the call says nothing of that; 0 for no limit.
 */
export function readAsked(value: unknown, limit: number): AskedForm | { readonly problems: readonly string[] } {
  if (value === false) return 'whole';
  const read = answerRule.safeParse(value);
  if (read.success) return AnswerForm.ofRule(read.data, limit);
  const issues = read.error.issues.map((issue) => ({ ...issue, path: [...PLACE, ...issue.path] }));
  const problems = describeIssues(issues, { mcpServers: { server: { answers: { tool: value } } } });
  const told = problems.map(
    ({ place, message }) => `"${['answer', ...place.slice(PLACE.length)].join('.')}" ${message}`,
  );
  return { problems: told };
}

/** Parameters of a call without what they ask of the answer, which is for the gateway alone. */
export function withoutAsked(params: ObjectText, meta: ObjectText): ObjectText {
  const rest = meta.without(ANSWER_KEY);
  const [any] = rest.keys();
  return any === undefined ? params.without('_meta') : params.with('_meta', rest);
}
