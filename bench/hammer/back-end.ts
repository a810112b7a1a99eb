import type { Draw } from './draw.ts';
import { turns } from './turns.ts';

const MOST_TURNS = 20;

/** Asked for by requests that nobody ever answers. */
export const NEVER = 'never-';

/** Answers what guests ask of the host, each after some turns, or never. */
export class BackEnd {
  readonly #draw: Draw;
  /** Requests that are neither answered nor given up. */
  open = 0;

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  readonly fetch = async (url: string, { signal }: RequestInit): Promise<Response> => {
    const message = url.slice(url.lastIndexOf('/') + 1);
    await this.#answer(message, signal ?? undefined);
    return new Response('ok');
  };

  readonly callBackend = async (_tool: string, _args: unknown, signal: AbortSignal): Promise<Uint8Array> => {
    await this.#answer('', signal);
    return new TextEncoder().encode('"ok"');
  };

  async #answer(message: string, signal: AbortSignal | undefined): Promise<void> {
    const { promise: givenUp, reject } = Promise.withResolvers<never>();
    const giveUp = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', giveUp);
    this.open += 1;
    try {
      signal?.throwIfAborted();
      const isNever = message.startsWith(NEVER);
      const answered = isNever ? givenUp : turns(Math.ceil(this.#draw(Number(message), 'wait') * MOST_TURNS));
      await Promise.race([givenUp, answered]);
    } finally {
      this.open -= 1;
      signal?.removeEventListener('abort', giveUp);
    }
  }
}
