import type { IncomingHttpHeaders } from 'node:http';
import type { HttpClient, HttpHandler, HttpRequest } from './http-client.ts';

type Headers = Readonly<Record<string, string>>;

/** Gives requests their credential, and decides what follows where the server does not take it. */
export interface Authorizer {
  /** What a request carries that is sent now: at once where it is known. Rejects where there is no credential to be had. */
  headers(): Headers | Promise<Headers>;
  /**
   * The server has answered 401 or 403. Resolves to true where the request is to be sent again, with what `headers` gives then, and to false where the
   * answer is to be passed on; it is after five times.
   *
   * @param sent - What `headers` gave for the request.
   * @param retries - How often it had been sent again already.
   */
  refused(
    answer: { readonly status: number; readonly headers: IncomingHttpHeaders },
    sent: Headers,
    retries: number,
  ): Promise<boolean>;
}

/** How much of a refusal is kept until it is decided. */
const MAX_REFUSAL_BYTES = 64 * 1024;

/** Tokens of a few seconds may end on their way more than once. */
const MAX_RETRIES = 5;

/** A client whose requests have a credential. */
export function authorizedClient(client: HttpClient, authorizer: Authorizer): HttpClient {
  return {
    send: (url, request, handler) => {
      const attempt = new AuthorizedRequest(client, authorizer, { url, request, handler });
      attempt.begin();
      return () => attempt.stop();
    },
  };
}

interface Asked {
  readonly url: URL;
  readonly request: HttpRequest;
  readonly handler: HttpHandler;
}

class AuthorizedRequest implements HttpHandler {
  readonly #client: HttpClient;
  readonly #authorizer: Authorizer;
  readonly #asked: Asked;
  #sent: Headers = {};
  #abort: (() => void) | undefined;
  #refusal: { readonly status: number; readonly headers: IncomingHttpHeaders } | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #retries = 0;
  #isStopped = false;

  constructor(client: HttpClient, authorizer: Authorizer, asked: Asked) {
    this.#client = client;
    this.#authorizer = authorizer;
    this.#asked = asked;
  }

  begin(): void {
    const headers = this.#authorizer.headers();
    if (headers instanceof Promise)
      headers.then(
        (known) => this.#send(known),
        (error: Error) => this.#fail(error),
      );
    else this.#send(headers);
  }

  stop(): void {
    this.#isStopped = true;
    this.#abort?.();
  }

  onHead(status: number, headers: IncomingHttpHeaders): void {
    if (status === 401 || status === 403) this.#refusal = { status, headers };
    else this.#asked.handler.onHead(status, headers);
  }

  onData(chunk: Buffer): void {
    if (!this.#refusal) {
      this.#asked.handler.onData(chunk);
      return;
    }
    this.#bytes += chunk.length;
    if (this.#bytes <= MAX_REFUSAL_BYTES) this.#chunks.push(chunk);
    else {
      this.#abort?.();
      this.#decide();
    }
  }

  onEnd(): void {
    if (this.#refusal) this.#decide();
    else this.#asked.handler.onEnd();
  }

  onFailure(cause: Error, reached: boolean): void {
    if (this.#refusal) this.#decide();
    else this.#asked.handler.onFailure(cause, reached);
  }

  #send(headers: Headers): void {
    if (this.#isStopped) return;
    const { url, request } = this.#asked;
    this.#sent = headers;
    this.#abort = this.#client.send(url, { ...request, headers: { ...request.headers, ...headers } }, this);
  }

  #decide(): void {
    const refusal = this.#refusal;
    if (!refusal || this.#isStopped) return;
    this.#authorizer.refused(refusal, this.#sent, this.#retries).then(
      (isAgain) => {
        if (this.#isStopped) return;
        if (isAgain && this.#retries < MAX_RETRIES) this.#again();
        else this.#passOn(refusal);
      },
      (error: Error) => this.#fail(error),
    );
  }

  #again(): void {
    this.#retries++;
    this.#refusal = undefined;
    this.#chunks = [];
    this.#bytes = 0;
    this.begin();
  }

  #passOn({ status, headers }: { readonly status: number; readonly headers: IncomingHttpHeaders }): void {
    const { handler } = this.#asked;
    try {
      handler.onHead(status, headers);
      // Each of them may have the request ended.
      for (const chunk of this.#chunks) if (!this.#isStopped) handler.onData(chunk);
      if (!this.#isStopped) handler.onEnd();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /** Nothing was carried out: a refused request never is. */
  #fail(error: Error): void {
    if (!this.#isStopped) this.#asked.handler.onFailure(error, false);
  }
}
