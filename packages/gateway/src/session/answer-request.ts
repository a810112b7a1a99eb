import type { Endpoint } from '../call/endpoint.ts';
import type { Pipeline } from '../call/pipeline.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import { type ExchangeWire, openExchange } from '../protocol/exchange.ts';
import type { RequestFrame } from '../protocol/frame/frame.ts';
import { type Bytes, writeError, writeNotification, writeResult } from '../protocol/frame/write-frame.ts';
import { wants } from '../protocol/log-level.ts';
import type { Peer } from '../protocol/peer.ts';
import { resultFor } from '../protocol/results.ts';
import { RpcError } from '../protocol/rpc-error.ts';

/** Where the frames of one request's answer go. */
export interface RequestWire {
  /** A frame on the way to the answer: a notification, which may be left out where the client reads too slowly, or a question. */
  send(frame: Bytes, isOptional: boolean): void;
  /** Whether the client reads now what is sent; it may have left, or take nothing but the answer. @default it does */
  readonly isRead?: boolean;
  /** Whether its client takes the answer and nothing else. @default it takes more */
  readonly takesOnlyAnswer?: boolean;
  /** The last frame; undefined where there is none, because the client has cancelled. `error` where the answer is one. */
  end(frame: Bytes | undefined, error?: RpcError): void;
}

export interface RequestParts {
  readonly frame: RequestFrame;
  readonly peer: Peer;
  readonly endpoint: Endpoint;
  readonly pipeline: Pipeline;
  readonly cancellation: Cancellation;
  readonly wire: RequestWire;
  readonly ask: ExchangeWire['ask'];
  /** Called when nothing more is done for it. */
  readonly over: () => void;
}

/** Answers one request of a client of either era: the one place where frames become an exchange, and its outcome a frame. */
export function answerRequest(parts: RequestParts): Promise<void> {
  const { frame, peer, endpoint, pipeline, cancellation, wire, ask, over } = parts;
  const { method, params, byteLength } = frame;
  const id = Buffer.from(frame.id);
  const exchange = openExchange({
    peer,
    id,
    message: { method, params },
    byteLength,
    cancellation,
    wire: {
      notify: (message) => {
        if (cancellation.cancelled || !wants(message, peer.logLevel, peer.era)) return;
        wire.send(writeNotification(message.method, message.params), true);
      },
      ask,
    },
  });
  return pipeline.answer(exchange, endpoint).then(
    (result) => {
      const { reason } = cancellation;
      // What a client has cancelled is not answered. Source: MCP specification, "Cancellation".
      if (reason instanceof RpcError) wire.end(writeError(id, reason.text), reason);
      else if (cancellation.cancelled) wire.end(undefined);
      else wire.end(writeResult(id, resultFor(peer, method, result, endpoint.infoFor(peer.caller))));
      over();
    },
    (error: unknown) => {
      const { reason } = cancellation;
      // A client whose request the gateway has ended is told so.
      const told = reason instanceof RpcError ? reason : (error as RpcError);
      if (cancellation.cancelled && told !== reason) wire.end(undefined);
      else wire.end(writeError(id, told.text), told);
      over();
    },
  );
}
