import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client';
import { UpstreamLostError, UpstreamRefusedError } from '../errors.ts';

/** What went wrong with a request, in the gateway's words, and whether the connection is of no more use. */
export interface UpstreamFailure {
  readonly error: unknown;
  readonly broken: boolean;
}

const CONNECTION_GONE: readonly SdkErrorCode[] = [
  SdkErrorCode.ConnectionClosed,
  SdkErrorCode.NotConnected,
  SdkErrorCode.SendFailed,
];

/** The server's own JSON-RPC errors stay as they are; what the SDK throws about the connection is put into words. */
export function toUpstreamError(cause: unknown, server: string, method: string, streamLost: boolean): UpstreamFailure {
  if (cause instanceof ProtocolError) return { error: cause, broken: false };
  if (streamLost) return { error: new UpstreamLostError({ server, method }, { cause }), broken: false };
  if (cause instanceof SdkHttpError) {
    // 404 to a session that was there: the server has forgotten it, typically because it was restarted.
    return {
      error: new UpstreamRefusedError({ server, status: cause.status ?? 0 }, { cause }),
      broken: cause.status === 404,
    };
  }
  if (cause instanceof SdkError) {
    if (!CONNECTION_GONE.includes(cause.code)) return { error: cause, broken: false };
    return { error: new UpstreamLostError({ server, method }, { cause }), broken: true };
  }
  return { error: new UpstreamLostError({ server, method }, { cause }), broken: true };
}
