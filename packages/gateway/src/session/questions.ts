import { ceilingReached } from '../ceilings.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import type { ErrorFrame, ResultFrame } from '../protocol/frame/frame.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { type Bytes, writeNotification, writeRequest } from '../protocol/frame/write-frame.ts';
import type { Message } from '../protocol/message.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { replicaIn } from '../replicas/replicas.ts';

/** How long a person may take to answer a question, in milliseconds. */
const ANSWER_MS = 10 * 60_000;

/** Questions of one client that may wait at once. */
const MAX_QUESTIONS = 100;

/** How many of them may belong to no request: a client need not even read the stream on which they come. */
const MAX_STRAY = 32;

/** What those may take together, in bytes; one alone may take more. */
const MAX_STRAY_BYTES = 16 * 1024 * 1024;

const PREFIX = 'lockgate-';

/** The gateway that has asked what a frame answers; undefined where that cannot be told. */
export function askedBy({ id }: ResultFrame | ErrorFrame): string | undefined {
  return replicaIn((id && idOf(id)) ?? '', PREFIX);
}

interface Asked {
  resolve(result: ObjectText): void;
  reject(reason: unknown): void;
}

/** What one legacy client is asked. Questions have ids of the gateway's own; the answer to one is found by its id and nothing else. */
export class Questions {
  readonly #prefix: string;
  readonly #asked = new Map<string, Asked>();
  #stray = 0;
  #strayBytes = 0;
  #ids = 0;

  /** @param replica - The gateway that asks, where several share the client's session: the answer may come to any of them. */
  constructor(replica?: string) {
    this.#prefix = replica === undefined ? PREFIX : `${PREFIX}${replica}-`;
  }

  /**
   * @param send - Takes the frames to where they belong: the stream of a request, or the session's own.
   * @param isStray - Whether it belongs to no request.
   * @throws the client's RpcError, or one where too many wait; the reason of the cancellation.
   */
  async ask(
    { method, params }: Message,
    cancellation: Cancellation,
    send: (frame: Bytes) => void,
    isStray = false,
  ): Promise<ObjectText> {
    cancellation.throwIfCancelled();
    if (this.#asked.size >= MAX_QUESTIONS) {
      ceilingReached('questions');
      throw RpcError.of(RpcCode.internalError, `The client has ${MAX_QUESTIONS} questions to answer already.`);
    }
    if (isStray && this.#stray >= MAX_STRAY) {
      ceilingReached('questions');
      const of = `${MAX_STRAY} questions to answer already that belong to no request`;
      throw RpcError.of(RpcCode.internalError, `The client has ${of}.`);
    }
    const bytes = isStray ? (params?.byteLength ?? 0) : 0;
    if (this.#strayBytes > 0 && this.#strayBytes + bytes > MAX_STRAY_BYTES) {
      ceilingReached('questions');
      const of = `${MAX_STRAY_BYTES / 1_048_576} MiB of questions to answer already that belong to no request`;
      throw RpcError.of(RpcCode.internalError, `The client has ${of}.`);
    }
    const id = `${this.#prefix}${++this.#ids}`;
    const json = Buffer.from(JSON.stringify(id));
    const { promise, resolve, reject } = Promise.withResolvers<ObjectText>();
    this.#asked.set(id, { resolve, reject });
    if (isStray) this.#stray++;
    this.#strayBytes += bytes;
    const withdraw = (reason: unknown): void => {
      const params = ObjectText.EMPTY.with('requestId', json);
      send(writeNotification('notifications/cancelled', params));
      reject(reason);
    };
    const forget = cancellation.onCancel(withdraw);
    const late = RpcError.of(RpcCode.internalError, 'The client did not answer in time.');
    const timer = setTimeout(() => withdraw(late), ANSWER_MS);
    timer.unref();
    send(writeRequest(json, method, params));
    try {
      return await promise;
    } finally {
      this.#asked.delete(id);
      if (isStray) this.#stray--;
      this.#strayBytes -= bytes;
      clearTimeout(timer);
      forget();
    }
  }

  /** Takes the answer of the client; false where nothing was asked under this id. */
  answered(frame: ResultFrame | ErrorFrame): boolean {
    const id = frame.id === undefined ? undefined : idOf(frame.id);
    const asked = id === undefined ? undefined : this.#asked.get(id);
    if (!asked) return false;
    if (frame.kind === 'result') asked.resolve(frame.result);
    else asked.reject(RpcError.received(frame.error));
    return true;
  }

  /** Nothing that was asked is answered any more. */
  closeAll(reason = 'The client has gone.'): void {
    for (const { reject } of this.#asked.values()) reject(RpcError.of(RpcCode.internalError, reason));
  }
}

/** Ids of questions have no characters that JSON writes in two ways. */
function idOf(id: Buffer): string | undefined {
  return id[0] === 0x22 ? id.toString('utf8', 1, id.length - 1) : undefined;
}
