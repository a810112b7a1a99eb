import { Cancellation } from '../../src/protocol/cancellation.ts';
import type { Era } from '../../src/protocol/era.ts';
import type { Exchange } from '../../src/protocol/exchange.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { JsonObject, Message } from '../../src/protocol/message.ts';
import type { Peer } from '../../src/protocol/peer.ts';

type More = Partial<Omit<Exchange, 'peer'>> & {
  readonly peer?: Partial<Peer>;
  readonly answer?: (message: Message) => JsonObject;
};

/** A client of the 2025 or 2026 era that answers what it is asked with what `answer` says. */
export function fakeExchange(era: Era, more: More = {}): Exchange {
  const { answer = () => ({}), peer, ...exchange } = more;
  const ask = async (message: Message): Promise<ObjectText> => ObjectText.from(answer(message));
  return {
    peer: {
      key: 'k',
      caller: { name: 'me' },
      era,
      capabilities: ObjectText.EMPTY,
      clientInfo: undefined,
      logLevel: undefined,
      notify: () => {},
      ask,
      ...peer,
    },
    id: Buffer.from('1'),
    message: { method: 'tools/call', params: undefined },
    byteLength: 0,
    cancellation: new Cancellation(),
    progressToken: undefined,
    inputResponses: undefined,
    requestState: undefined,
    notify: () => {},
    ask,
    ...exchange,
  };
}
