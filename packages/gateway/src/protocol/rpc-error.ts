import { ObjectText } from './frame/object-text.ts';

/** Codes of JSON-RPC errors. Sources: JSON-RPC 2.0, section 5.1; MCP specification 2026-07-28, "Errors". */
export const RpcCode = {
  parseError: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internalError: -32_603,
  /** Refusals of a transport or session, by custom of the reference implementations. */
  refused: -32_000,
  sessionNotFound: -32_001,
  headerMismatch: -32_020,
  missingClientCapability: -32_021,
  unsupportedVersion: -32_022,
  /** By custom of gateways; `data.retryAfterSeconds` says when another request may succeed. */
  limitReached: -32_029,
} as const;

/** A JSON-RPC error as it is sent: the gateway's own, or another's with the bytes that came. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  /** The error object. */
  readonly text: ObjectText;
  /** Whether another has said so: a server, or a client that was asked. */
  readonly isReceived: boolean;

  private constructor(code: number, message: string, text: ObjectText, isReceived: boolean) {
    super(message);
    this.code = code;
    this.text = text;
    this.isReceived = isReceived;
  }

  static of(code: number, message: string, data?: unknown): RpcError {
    return new RpcError(code, message, ObjectText.from({ code, message, data }), false);
  }

  /**
   * The error object of a frame that was received; its bytes are kept, so the frame's chunk is not. A code or message that
   * is missing or of another kind is filled in: a reader that knows the specification would take the frame for none.
   */
  static received(text: ObjectText): RpcError {
    const given = text.value('code');
    const code = Number.isInteger(given) ? (given as number) : RpcCode.internalError;
    const message = text.text('message') ?? 'An error without a message';
    const known = code === given ? text : text.withValue('code', code);
    return new RpcError(
      code,
      message,
      text.text('message') === undefined ? known.withValue('message', message) : known,
      true,
    );
  }
}
