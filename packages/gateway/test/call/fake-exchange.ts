import type { JsonObject, Message } from '../../src/upstream/message.ts';
import type { Exchange, Peer } from '../../src/upstream/peer.ts';

/** A client of the 2025 or 2026 era that answers what it is asked with what `answer` says. */
export function fakeExchange(
  era: 'legacy' | 'modern',
  more: Partial<Exchange> & { answer?: (message: Message) => JsonObject } = {},
): Exchange {
  const { answer = () => ({}), ...exchange } = more;
  const ask = async (message: Message): Promise<JsonObject> => answer(message);
  const peer: Peer = {
    key: 'k',
    caller: { name: 'me' },
    era,
    capabilities: {},
    clientInfo: undefined,
    logLevel: undefined,
    notify: async () => {},
    ask,
  };
  return {
    peer,
    signal: new AbortController().signal,
    progressToken: undefined,
    notify: async () => {},
    ask,
    ...exchange,
  };
}
