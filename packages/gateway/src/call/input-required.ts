import { BadRequestError } from '../errors.ts';
import type { Exchange } from '../protocol/exchange.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { whyNotAsked } from '../protocol/why-not-asked.ts';

/** A server that asks more often than this goes round in circles. */
const MAX_ROUNDS = 16;

/**
 * A modern server answers a request with questions, and is sent the request again with the answers. A modern client does so
 * itself; for a legacy one the gateway asks the questions the old way, and sends again.
 *
 * @param result - What the server has answered. It is what is given where it asks nothing, or a modern client.
 * @throws RpcError where the server asks for what the client does not say that it takes.
 */
export function answerQuestions(
  exchange: Exchange,
  result: ObjectText,
  send: (exchange: Exchange) => Promise<ObjectText>,
): ObjectText | Promise<ObjectText> {
  if (!asksForInput(result)) return result;
  if (exchange.peer.era === 'legacy') return nextLegs(exchange, send, result);
  questionsOf(exchange, result);
  return result;
}

async function nextLegs(
  exchange: Exchange,
  send: (exchange: Exchange) => Promise<ObjectText>,
  asked: ObjectText,
): Promise<ObjectText> {
  let result = asked;
  for (let round = 1; round < MAX_ROUNDS; round++) {
    result = await send({
      ...exchange,
      inputResponses: await ask(exchange, questionsOf(exchange, result)),
      requestState: result.text('requestState'),
    });
    if (!asksForInput(result)) return result;
  }
  throw new BadRequestError(`The server asked for input ${MAX_ROUNDS} times without giving an answer.`);
}

function asksForInput(result: ObjectText): boolean {
  return result.text('resultType') === 'input_required';
}

type Questions = readonly (readonly [key: string, message: Message])[];

/** @throws RpcError unless the client takes all of them. */
function questionsOf({ peer }: Exchange, result: ObjectText): Questions {
  const questions = result.object('inputRequests') ?? ObjectText.EMPTY;
  return [...questions.keys()].map((key) => {
    const question = questions.object(key);
    const message = { method: question?.text('method') ?? '', params: question?.object('params') };
    const refusal = whyNotAsked(message.method, message.params?.text('mode'), peer.capabilities);
    if (!refusal) return [key, message] as const;
    const why = `The server asks for "${message.method}" before it answers: ${refusal.message}`;
    throw RpcError.of(RpcCode.missingClientCapability, why);
  });
}

async function ask(exchange: Exchange, messages: Questions): Promise<ObjectText> {
  const asked = messages.map(async ([key, message]) => {
    return [key, await exchange.ask(message, exchange.cancellation)] as const;
  });
  let answers: ObjectText = ObjectText.EMPTY;
  for (const [key, answer] of await Promise.all(asked)) answers = answers.with(key, answer);
  return answers;
}
