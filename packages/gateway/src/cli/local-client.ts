import { MODERN_VERSION } from '../protocol/era.ts';
import { RpcCode } from '../protocol/rpc-error.ts';
import type { ObjectTransport } from '../session/object-client.ts';
import { VERSION } from '../version.ts';

type Json = Record<string, unknown>;

interface Answer {
  readonly id?: number;
  readonly result?: Json;
  readonly error?: { readonly code: number; readonly message: string };
}

/** The gateway's or server's own refusal of a request. */
export class RequestRefusal extends Error {
  /** Of JSON-RPC; absent where nobody has answered. */
  readonly code: number | undefined;

  constructor(message: string, code?: number) {
    super(message);
    this.code = code;
  }
}

const CLOSED = 'the gateway has closed';

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': MODERN_VERSION,
  'io.modelcontextprotocol/clientInfo': { name: 'lockgate', version: VERSION },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A client in the same process as the gateway that it asks. It speaks the modern era: nothing has to be agreed on first. */
export class LocalClient implements ObjectTransport {
  readonly #waiting = new Map<number, { resolve(result: Json): void; reject(error: Error): void }>();
  onmessage?: (message: never) => void;
  onclose?: () => void;
  #ids = 0;
  #isClosed = false;

  async start(): Promise<void> {}

  async send(message: never): Promise<void> {
    const { id = -1, result, error } = message as Answer;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.reject(new RequestRefusal(error.message, error.code));
    else if (result) waiting?.resolve(result);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.onclose?.();
    for (const { reject } of this.#waiting.values()) reject(new RequestRefusal(CLOSED));
    this.#waiting.clear();
  }

  /**
   * Sends a request.
   *
   * @throws RequestRefusal
   */
  async request(method: string, params: Json, timeoutMs?: number): Promise<Json> {
    // Nobody would ever answer it.
    if (this.#isClosed) throw new RequestRefusal(CLOSED);
    const id = ++this.#ids;
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    this.#waiting.set(id, { resolve, reject });
    const late = new RequestRefusal(`no answer within ${timeoutMs} ms`);
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => reject(late), timeoutMs);
    this.onmessage?.({ jsonrpc: '2.0', id, method, params: { ...params, _meta: ENVELOPE } } as never);
    return promise.finally(() => clearTimeout(timer));
  }

  /**
   * Every item of a list, from all its pages: none where what is asked offers nothing of the kind, and so has no such method.
   *
   * @throws RequestRefusal
   */
  async list(name: 'tools' | 'resources' | 'resourceTemplates' | 'prompts'): Promise<readonly Json[]> {
    const method = name === 'resourceTemplates' ? 'resources/templates/list' : `${name}/list`;
    const items: Json[] = [];
    for (let cursor: unknown, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
      const page = await this.request(method, cursor === undefined ? {} : { cursor }).catch((error: unknown) => {
        if (isFirst && error instanceof RequestRefusal && error.code === RpcCode.methodNotFound) return { [name]: [] };
        throw error;
      });
      items.push(...(page[name] as Json[]));
      cursor = page.nextCursor;
    }
    return items;
  }
}
