/** What became of the stream of a session on which its client is told of changes, as the client sees it. */
export class OwnStream {
  readonly #opened = Promise.withResolvers<void>();
  #count = 0;
  #last = 'has not been asked for';

  /** Resolves when it has been open once. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** Whether the client can be told anything. */
  get isOpen(): boolean {
    return this.#count > 0;
  }

  toString(): string {
    return this.isOpen ? `is open (${this.#last})` : this.#last;
  }

  /** The same answer to a request for it. */
  watched(response: Response): Response {
    const at = new Date().toISOString().slice(11, 23);
    if (!response.ok || !response.body) {
      this.#last = `was refused with ${response.status} at ${at}`;
      return response;
    }
    this.#last = `opened at ${at}`;
    this.#count += 1;
    this.#opened.resolve();
    const over = (how: string): void => {
      this.#count -= 1;
      this.#last = `${how} at ${new Date().toISOString().slice(11, 23)}`;
    };
    const reader = response.body.getReader();
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          over('ended');
          controller.close();
        } catch (error) {
          over('was cut');
          controller.error(error);
        }
      },
      cancel: (reason) => {
        over('was left');
        return reader.cancel(reason);
      },
    });
    return new Response(body, { status: response.status, headers: response.headers });
  }
}
