import type { JsonObject } from '../upstream/message.ts';
import { EventStream } from './event-stream.ts';
import type { TextAnswer } from './http-message.ts';

/** The HTTP answer to one call: whole, or a stream from the first thing that has to be told before the end. */
export class CallAnswer {
  readonly promise: Promise<Response | TextAnswer>;
  readonly #resolve: (answer: Response | TextAnswer) => void;
  readonly #streamHeaders: Readonly<Record<string, string>>;
  #stream: EventStream | undefined;

  /** @param streamHeaders - Beside those that every stream has. */
  constructor(streamHeaders: Readonly<Record<string, string>> = {}) {
    this.#streamHeaders = streamHeaders;
    const { promise, resolve } = Promise.withResolvers<Response | TextAnswer>();
    this.promise = promise;
    this.#resolve = resolve;
  }

  notify(frame: JsonObject): void {
    if (!this.#stream) {
      this.#stream = new EventStream(this.#streamHeaders);
      this.#resolve(this.#stream.response);
    }
    this.#stream.send(JSON.stringify(frame));
  }

  /**
   * @param json - The last frame; undefined where there is none.
   * @param whole - The answer where nothing was told before.
   */
  end(json: string | undefined, whole: TextAnswer): void {
    this.#resolve(whole);
    if (json !== undefined) this.#stream?.send(json);
    this.#stream?.close();
  }
}
