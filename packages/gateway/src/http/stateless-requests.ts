import type { Pipeline } from '../call/pipeline.ts';
import type { Envelope } from '../protocol/envelope.ts';
import type { RequestFrame } from '../protocol/frame/frame.ts';
import { writeError } from '../protocol/frame/write-frame.ts';
import { headerMismatch } from '../protocol/param-headers.ts';
import type { Caller } from '../protocol/peer.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { ModernRequests, modernPeer } from '../session/modern-requests.ts';
import type { KeepAlive } from '../transport/keep-alive.ts';
import { whenOver } from '../transport/when-over.ts';
import type { Elsewhere } from './elsewhere.ts';
import type { EndpointRequest } from './endpoint-request.ts';
import type { Holder } from './holders.ts';
import { Reply } from './reply.ts';

/** Streamable HTTP without sessions: each modern request stands for itself. Source: MCP specification 2026-07-28, "Transports". */
export class StatelessRequests {
  readonly #pipeline: Pipeline;
  readonly #requests: ModernRequests;
  readonly #keepAlive: KeepAlive;
  readonly #elsewhere: Elsewhere;

  constructor(pipeline: Pipeline, keepAlive: KeepAlive, elsewhere: Elsewhere) {
    this.#elsewhere = elsewhere;
    this.#pipeline = pipeline;
    this.#requests = new ModernRequests(pipeline);
    this.#keepAlive = keepAlive;
  }

  /** Answers a POST of one modern request, which is what the body says: here, or where the call waits that it goes on with. */
  post(asked: EndpointRequest, frame: RequestFrame, envelope: Envelope, body: Buffer): Promise<void> | undefined {
    const holder = (): Holder => this.#elsewhere.holders.ofModern(asked, frame, envelope);
    const first = holder();
    const here = (): Promise<void> => this.#here(asked, frame, envelope);
    return first === undefined ? here() : this.#elsewhere.pass({ asked, holder, body, id: frame.id, here }, first);
  }

  async #here(asked: EndpointRequest, frame: RequestFrame, envelope: Envelope): Promise<void> {
    const { response, endpoint, caller, accepted, headers } = asked;
    const peer = modernPeer(caller, envelope, endpoint);
    const statusOf = ({ code, isReceived }: RpcError): number => {
      if (code === RpcCode.missingClientCapability || (code === RpcCode.headerMismatch && !isReceived)) return 400;
      if (code === RpcCode.limitReached && !isReceived) return 429;
      // A method that is not there is not found over HTTP either; other errors of servers come with 200.
      return code === RpcCode.methodNotFound && !this.#pipeline.knows(frame.method, peer, endpoint) ? 404 : 200;
    };
    const reply = new Reply({ response, accepted, headers, keepAlive: this.#keepAlive, statusOf });
    if (frame.method === 'tools/call') {
      const name = frame.params?.text('name') ?? '';
      const catalog = endpoint.catalogFor('tool', name, peer);
      const tool = (catalog instanceof Promise ? await catalog : catalog).tool(name);
      const wrong = tool && headerMismatch(tool.item, frame.params, asked.request.headers);
      if (wrong !== undefined && !(await this.#pipeline.hasOwnTool(name, peer, endpoint))) {
        if (response.destroyed) return;
        const error = RpcError.of(RpcCode.headerMismatch, `Header mismatch: ${wrong}`);
        reply.end(writeError(frame.id, error.text), error);
        return;
      }
    }
    // Who has gone meanwhile has cancelled, and is heard no more.
    if (response.destroyed) return;
    const cancellation = this.#requests.start(frame, envelope, caller, endpoint, reply);
    // A modern client cancels by going away.
    whenOver(response, () => {
      if (!response.writableEnded) cancellation.cancel(GONE);
    });
  }

  /** Ends what is being answered for these callers. */
  endWhere(matches: (caller: Caller) => boolean): void {
    this.#requests.endWhere(matches);
  }
}

const GONE = new Error('the client has gone');
