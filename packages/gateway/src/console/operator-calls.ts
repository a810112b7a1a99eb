import type { Endpoint } from '../call/endpoint.ts';
import { parseJson } from '../json.ts';
import { agentOf } from '../monitor/agent-key.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import { type RequestFrame, readFrame } from '../protocol/frame/frame.ts';
import type { Caller, Peer } from '../protocol/peer.ts';
import { silentPeer } from '../protocol/silent-peer.ts';
import { answerRequest } from '../session/answer-request.ts';
import { whole } from '../transport/join-parts.ts';
import type { CallAnswer, CallRequest } from './api.ts';
import { badRequest } from './api-failure.ts';
import type { ConsoleSources } from './console-sources.ts';
import { rounded } from './seen-call.ts';

type Answered = Pick<CallAnswer, 'result' | 'error'>;

/**
 * Calls of tools by whoever is signed in: through the very pipeline that calls of clients go, in a session of its own whose labels last as long as that of the
 * console.
 */
export class OperatorCalls {
  readonly #sources: Pick<ConsoleSources, 'endpoints' | 'pipeline' | 'served' | 'monitor' | 'monotonicNow'>;

  constructor(sources: Pick<ConsoleSources, 'endpoints' | 'pipeline' | 'served' | 'monitor' | 'monotonicNow'>) {
    this.#sources = sources;
  }

  /** @param session - Equal for calls that share labels. */
  async call(
    { tool, arguments: args }: CallRequest,
    caller: Caller,
    session: string,
    gone: Cancellation,
  ): Promise<CallAnswer> {
    const { endpoints, pipeline, monotonicNow } = this.#sources;
    const began = monotonicNow();
    const answered = await ask(
      'tools/call',
      { name: tool, arguments: args },
      {
        peer: peerOf(caller, session),
        endpoint: endpoints.of(),
        pipeline,
        cancellation: gone,
      },
    );
    return { ...answered, durationMs: rounded(monotonicNow() - began) };
  }

  /** Gives up what calls of this session have read, and what servers keep for it. */
  forget(caller: Caller, session: string): void {
    const peer = peerOf(caller, session);
    this.#sources.monitor.evict(agentOf(peer));
    for (const { upstream } of this.#sources.served.all) upstream.forget(peer);
  }
}

/** The request of a call, checked. @throws ApiFailure */
export function readCall(body: unknown): CallRequest {
  const { tool, arguments: args = {} } = (body ?? {}) as Partial<CallRequest>;
  if (typeof tool !== 'string' || tool === '')
    throw badRequest('"tool" is missing: the name of a tool, as GET tools lists it');
  if (typeof args !== 'object' || args === null || Array.isArray(args)) {
    throw badRequest('"arguments" has to be an object, such as {"text":"Hello"}');
  }
  return { tool, arguments: args };
}

/** A legacy client that cannot be asked anything: each of the console's sessions is an agent of its own. */
function peerOf(caller: Caller, session: string): Peer {
  return { ...silentPeer(session, caller), era: 'legacy' };
}

interface AskedWith {
  readonly peer: Peer;
  readonly endpoint: Endpoint;
  readonly pipeline: ConsoleSources['pipeline'];
  readonly cancellation: Cancellation;
}

async function ask(
  method: string,
  params: object,
  { peer, endpoint, pipeline, cancellation }: AskedWith,
): Promise<Answered> {
  const frame = readFrame(Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))) as RequestFrame;
  const { promise, resolve } = Promise.withResolvers<Answered>();
  await answerRequest({
    frame,
    peer,
    endpoint,
    pipeline,
    cancellation,
    ask: peer.ask,
    over: () => {},
    wire: {
      send: () => {},
      end: (bytes) => {
        const answer = bytes && (parseJson(whole(bytes).toString('utf8')) as Answered & { error?: object });
        if (!answer) resolve({ error: { code: -32_800, message: 'The call was cancelled' } });
        else resolve(answer.error ? { error: answer.error } : { result: answer.result ?? {} });
      },
    },
  });
  return promise;
}
