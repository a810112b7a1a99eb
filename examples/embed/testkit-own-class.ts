// The module suites on a class that is no WebAssembly runtime. LOCKED=1 gives it a lock.
import { BACKEND_URL, type CreateModuleOptions, moduleExclusionSuite } from '@lockgate/testkit';
import { testApi } from '@lockgate/testkit/node-test';

/** A connection that can carry one request at a time. */
class Connection {
  #turn: Promise<unknown> = Promise.resolve();
  readonly #wire: (text: string) => Promise<string>;

  constructor(wire: (text: string) => Promise<string>) {
    this.#wire = wire;
  }

  send(text: string): Promise<string> {
    if (!process.env.LOCKED) return this.#wire(text);
    const sent = this.#turn.then(() => this.#wire(text));
    this.#turn = sent.catch(() => undefined);
    return sent;
  }

  async close(): Promise<void> {
    await this.#turn;
  }
}

moduleExclusionSuite(testApi, {
  create: async ({ fetch, onGuestLog }: CreateModuleOptions) => {
    const connection = new Connection(async (text) => {
      onGuestLog('info', `enter ${text}`); // what a guest would log
      await fetch(`${BACKEND_URL}${text}`); // held by the suite, for as long as it wants
      onGuestLog('info', `leave ${text}`);
      return text;
    });
    return {
      execute: async (_tool, { message }) => ({ data: await connection.send(String(message)), isError: false }),
      close: () => connection.close(),
    };
  },
  supports: { signal: false, onStart: false, reentry: false, questions: false, configure: false },
});
