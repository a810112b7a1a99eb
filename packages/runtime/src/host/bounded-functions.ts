import type { GivenFunction } from '../options.ts';

type GivenFunctions = Readonly<Record<string, GivenFunction>>;

/** Functions whose answers are as long as a message may be: one that answers with more fails. */
export function boundedFunctions(
  functions: GivenFunctions | undefined,
  limitBytes: number,
): GivenFunctions | undefined {
  if (functions === undefined) return undefined;
  return Object.fromEntries(Object.entries(functions).map(([name, given]) => [name, bounded(given, limitBytes)]));
}

function bounded(given: GivenFunction, limitBytes: number): GivenFunction {
  return async (args, context) => {
    const answer = await given(args, context);
    if (answer !== undefined && answer.length > limitBytes)
      throw new Error(`it answered with ${answer.length} bytes, above the limit of ${limitBytes} for a message`);
    return answer;
  };
}
