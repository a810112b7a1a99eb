import { writeError } from '../protocol/frame/write-frame.ts';
import { RpcError } from '../protocol/rpc-error.ts';
import { type HttpAnswer, jsonAnswer } from '../transport/http-answer.ts';

/** A JSON-RPC error as the whole answer to a request. */
export function refusal(
  status: number,
  code: number,
  message: string,
  id?: Buffer,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return jsonAnswer(status, writeError(id, RpcError.of(code, message).text), headers);
}
