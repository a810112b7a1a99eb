import type { Endpoint } from '../call/endpoint.ts';
import type { Pipeline } from '../call/pipeline.ts';
import { Cancellation } from '../protocol/cancellation.ts';
import type { Envelope } from '../protocol/envelope.ts';
import type { RequestFrame } from '../protocol/frame/frame.ts';
import type { Caller, Peer } from '../protocol/peer.ts';
import { Slots } from '../protocol/slots.ts';
import { whyNotAsked } from '../protocol/why-not-asked.ts';
import { answerRequest, type RequestWire } from './answer-request.ts';
import { endedRequest } from './ended-requests.ts';

interface Running {
  readonly caller: Caller;
  readonly cancellation: Cancellation;
}

/** Requests of modern clients that are being answered: each stands for itself and says who sends it. */
export class ModernRequests {
  readonly #pipeline: Pipeline;
  readonly #running = new Slots<Running>();

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
  }

  /** Answers a request; its client may cancel it by what is given back. */
  start(frame: RequestFrame, envelope: Envelope, caller: Caller, endpoint: Endpoint, wire: RequestWire): Cancellation {
    const cancellation = new Cancellation();
    const place = this.#running.add({ caller, cancellation });
    const peer = modernPeer(caller, envelope, endpoint);
    const over = (): void => this.#running.remove(place);
    void answerRequest({ frame, peer, endpoint, pipeline: this.#pipeline, cancellation, wire, ask: peer.ask, over });
    return cancellation;
  }

  /** Ends what is being answered for these callers. */
  endWhere(matches: (caller: Caller) => boolean): void {
    for (const { caller, cancellation } of this.#running.values()) {
      if (matches(caller)) cancellation.cancel(ENDED);
    }
  }
}

const ENDED = endedRequest(
  'The gateway has ended this call: it is closing, or its caller may not come in any more. Whether it was carried out is unknown.',
);

/** In the modern era each request says, in its envelope, who sends it and what its sender can do. */
export function modernPeer(
  caller: Caller,
  { capabilities, clientInfo, logLevel }: Envelope,
  { profile }: Pick<Endpoint, 'profile'>,
): Peer {
  return {
    // Without sessions, what a client has to itself belongs to whoever it is.
    key: `stateless:${caller.name}`,
    caller,
    profile,
    era: 'modern',
    capabilities,
    clientInfo,
    logLevel,
    notify: () => {},
    ask: ({ method, params }) =>
      Promise.reject(
        whyNotAsked(method, params?.text('mode'), capabilities) ??
          new TypeError('a modern client is asked in answers only'),
      ),
  };
}
