import type { Gateway } from '@lockgate/gateway';

interface Answer {
  readonly id?: number;
  readonly result?: { readonly content?: readonly { readonly text?: string }[]; readonly isError?: boolean };
  readonly error?: { readonly message: string };
}

/** How a call ended: with a text, or why not. */
export type CallAnswer = { readonly text: string } | { readonly error: string };

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'hammer', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A client of a gateway in this process, without sockets. */
export class ServerClient {
  readonly #waiting = new Map<number, (answer: CallAnswer) => void>();
  readonly #served: Promise<void>;
  onmessage?: (message: never) => void;
  onclose?: () => void;
  #ids = 0;

  constructor(gateway: Gateway) {
    this.#served = gateway.serveStdio({ transport: this });
  }

  /** Calls without an answer. */
  get open(): number {
    return this.#waiting.size;
  }

  async start(): Promise<void> {}

  async send(message: never): Promise<void> {
    const { id = -1, result, error } = message as Answer;
    const settle = this.#waiting.get(id);
    this.#waiting.delete(id);
    const text = result?.content?.[0]?.text ?? '';
    settle?.(error || result?.isError ? { error: error?.message ?? text } : { text });
  }

  call(name: string, args: object): Promise<CallAnswer> {
    const id = ++this.#ids;
    const { promise, resolve } = Promise.withResolvers<CallAnswer>();
    this.#waiting.set(id, resolve);
    const params = { name, arguments: args, _meta: ENVELOPE };
    this.onmessage?.({ jsonrpc: '2.0', id, method: 'tools/call', params } as never);
    return promise;
  }

  async close(): Promise<void> {
    this.onclose?.();
    await this.#served;
  }
}
