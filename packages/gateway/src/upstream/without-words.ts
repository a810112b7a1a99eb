import { RpcError } from '../protocol/rpc-error.ts';

export interface WithoutWordsOptions {
  readonly isGuarded: () => boolean;
  /** Given what is not told. */
  readonly onError: (error: Error) => void;
}

/** Why a server cannot be used, as everybody may know it: what a guarded one has said itself no guard has seen. */
export function withoutWords(error: Error, { isGuarded, onError }: WithoutWordsOptions): Error {
  if (!(error instanceof RpcError) || !error.isReceived || !isGuarded()) return error;
  onError(error);
  return new Error('it answered with an error, whose words are in the log, at debug', { cause: error });
}
