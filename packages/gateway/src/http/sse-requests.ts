import { randomUUID } from 'node:crypto';
import type { Endpoint } from '../call/endpoint.ts';
import type { Pipeline } from '../call/pipeline.ts';
import { RpcCode } from '../protocol/rpc-error.ts';
import { DuplexClient } from '../session/duplex-client.ts';
import { EarlyCancellations } from '../session/early-cancellations.ts';
import { SESSION_ENDED } from '../session/ended-requests.ts';
import type { Sessions } from '../session/sessions.ts';
import { EventStream } from '../transport/event-stream.ts';
import { writeAnswer } from '../transport/http-answer.ts';
import type { KeepAlive } from '../transport/keep-alive.ts';
import { whenOver } from '../transport/when-over.ts';
import type { EndpointRequest } from './endpoint-request.ts';
import { refusal } from './refusal.ts';

interface SseClient {
  readonly client: DuplexClient;
  readonly caller: string;
  readonly endpoint: Endpoint;
}

export interface SseRequestsOptions {
  readonly pipeline: Pipeline;
  readonly sessions: Sessions;
  readonly keepAlive: KeepAlive;
  readonly isOpen: () => boolean;
  /** This gateway's name, where several share their state. */
  readonly replica: string | undefined;
}

/** The oldest transport over HTTP: one stream of events down, and a POST for each frame up. Source: MCP 2024-11-05, "Transports". */
export class SseRequests {
  readonly #options: SseRequestsOptions;
  readonly #clients = new Map<string, SseClient>();
  readonly #early = new EarlyCancellations(() => performance.now());

  constructor(options: SseRequestsOptions) {
    this.#options = options;
  }

  /** Opens the stream of a client; its first event says where frames are to be sent. */
  get({ response, endpoint, caller, headers }: EndpointRequest, path: string): void {
    const { pipeline, sessions, keepAlive, isOpen, replica } = this.#options;
    const id = replica === undefined ? randomUUID() : `${replica}-${randomUUID()}`;
    const stream = new EventStream(response, headers);
    const place = keepAlive.add({ sign: () => stream.text(': keepalive\n\n') });
    const client = new DuplexClient({
      id,
      caller,
      endpoint,
      pipeline,
      sessions,
      isOpen,
      eras: 'legacy',
      early: this.#early,
      wire: {
        send: (frame, isOptional) => {
          if (!isOptional || !stream.leavesOut()) stream.event(frame);
        },
        close: () => {
          keepAlive.delete(place);
          this.#clients.delete(id);
          stream.end();
        },
      },
    });
    this.#clients.set(id, { client, caller: caller.name, endpoint });
    whenOver(response, () => client.close());
    stream.text(`event: endpoint\ndata: ${path}?sessionId=${id}\n\n`);
  }

  /** Takes a frame of a client; its answer comes on the client's stream. */
  post({ response, endpoint, caller, headers, refused }: EndpointRequest, id: string, body: Buffer): void {
    const found = this.#clients.get(id);
    if (!found || found.caller !== caller.name || found.endpoint !== endpoint) {
      writeAnswer(response, refusal(404, RpcCode.sessionNotFound, 'Session not found'), headers);
      return;
    }
    writeAnswer(response, refused ?? { status: 202, body: 'Accepted' }, headers);
    found.client.receive(body);
  }

  /** What has not been answered is answered with an error. */
  closeAll(): void {
    for (const { client } of this.#clients.values()) client.end(SESSION_ENDED);
  }
}
