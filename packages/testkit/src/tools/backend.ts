import { BACKEND_URL } from '../guests/plugin-parts.ts';
import { Gate } from './gate.ts';
import { idle } from './idle.ts';

/** Answers the requests of testkit guests, and holds those that a test wants held. */
export class Backend {
  readonly #gates = new Map<string, Gate>();
  readonly #handlers = new Map<string, () => Promise<unknown>>();
  readonly #turns: (message: string) => number;
  #inside = 0;
  #mostInside = 0;

  /** `turns` says how many turns of the event loop an answer takes that no gate holds. @default 1 */
  constructor(turns: (message: string) => number = () => 1) {
    this.#turns = turns;
  }

  /** The most requests that were under way at one time. */
  get mostInside(): number {
    return this.#mostInside;
  }

  /** Holds requests for this message until the gate opens. */
  gate(message: string): Gate {
    const gate = this.#gates.get(message) ?? new Gate();
    this.#gates.set(message, gate);
    return gate;
  }

  /** Does something before requests for this message are answered: by what it answers itself, if that is a response. */
  on(message: string, handler: () => Promise<unknown>): void {
    this.#handlers.set(message, handler);
  }

  /** Opens all gates. */
  release(): void {
    for (const gate of this.#gates.values()) gate.open();
  }

  /** The `fetch` to hand to the subject. */
  readonly fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input);
    const message = decodeURIComponent(url.pathname.slice(new URL(BACKEND_URL).pathname.length));
    this.#inside += 1;
    this.#mostInside = Math.max(this.#mostInside, this.#inside);
    try {
      const answer = await this.#handlers.get(message)?.();
      if (answer instanceof Response) return answer;
      const gate = this.#gates.get(message);
      if (gate) await gate.pass(init?.signal);
      else await idle(this.#turns(message));
      return new Response('ok');
    } finally {
      this.#inside -= 1;
    }
  };
}
