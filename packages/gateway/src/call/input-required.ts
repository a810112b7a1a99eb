import { BadRequestError } from '../errors.ts';
import { isObject, type JsonObject } from '../upstream/message.ts';
import type { Exchange } from '../upstream/peer.ts';

/** A server that asks more often than this goes round in circles. */
const MAX_ROUNDS = 16;

/**
 * A server of the 2026 era answers a request with questions, and is sent the request again with the answers. A client of
 * that era does so itself; for one of the 2025 era the gateway asks the questions the old way, and sends again.
 */
export async function answerQuestions(
  exchange: Exchange,
  send: (exchange: Exchange) => Promise<JsonObject>,
): Promise<JsonObject> {
  let leg = exchange;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const result = await send(leg);
    if (result.resultType !== 'input_required' || exchange.peer.era === 'modern') return result;
    const { inputRequests, requestState } = result;
    leg = {
      ...exchange,
      inputResponses: await ask(exchange, isObject(inputRequests) ? inputRequests : {}),
      requestState: typeof requestState === 'string' ? requestState : undefined,
    };
  }
  throw new BadRequestError(`The server asked for input ${MAX_ROUNDS} times without giving an answer.`);
}

async function ask(exchange: Exchange, questions: JsonObject): Promise<JsonObject> {
  const answers = Object.entries(questions).map(async ([key, question]) => {
    const { method, params } = question as { method: string; params?: JsonObject };
    return [key, await exchange.ask({ method, params }, exchange.signal)] as const;
  });
  return Object.fromEntries(await Promise.all(answers));
}
