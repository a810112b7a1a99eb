import type { GivenFunction } from '@lockgate/runtime';
import { parseJson } from '../json.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { isObject, type JsonObject } from '../protocol/message.ts';
import { PluginClient } from './plugin-client.ts';

const QUESTIONS = ['elicitation/create', 'sampling/createMessage', 'roots/list'] as const;
const TOLD = [
  'notifications/message',
  'notifications/progress',
  'notifications/resources/updated',
  'notifications/elicitation/complete',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
  'notifications/tools/list_changed',
] as const;

const decoder = new TextDecoder();

/** What plugins that are whole servers ask and tell the client that they work for: one function for each method of MCP. */
export const CLIENT_FUNCTIONS: Readonly<Record<string, GivenFunction>> = Object.fromEntries([
  ...QUESTIONS.map((method) => [method, asking(method)] as const),
  ...TOLD.map((method) => [method, telling(method)] as const),
]);

function asking(method: string): GivenFunction {
  return async ([params], { caller, signal, hold }) => {
    if (!(caller instanceof PluginClient)) throw new Error('nobody is there to answer');
    // People take their time, and the guest waits for them.
    const release = hold();
    try {
      const answer = await caller.ask(method, paramsOf(params) ?? {}, signal);
      return answer.without('_meta', 'resultType').toBytes();
    } finally {
      release();
    }
  };
}

/** What is told while nobody is there, as when tools are listed at the start, nobody hears. */
function telling(method: string): GivenFunction {
  return ([params], { caller }) => {
    if (!(caller instanceof PluginClient)) return undefined;
    const said = paramsOf(params);
    caller.tell(method, said && ObjectText.from(said));
    return undefined;
  };
}

function paramsOf(bytes: Uint8Array | undefined): JsonObject | undefined {
  const value = bytes && parseJson(decoder.decode(bytes));
  return isObject(value) ? value : undefined;
}
