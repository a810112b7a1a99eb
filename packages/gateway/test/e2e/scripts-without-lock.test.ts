import { Backend, fetchEchoGuest } from '@lockgate/testkit';
import { afterEach, expect, test, vi } from 'vitest';
import { QuickClient } from '../fixtures/quick-client.ts';
import { moduleFiles, servedGateway } from './guarded-files.ts';

const isLocked = vi.hoisted(() => ({ now: true }));

vi.mock('../../../runtime/src/instance/call-lock.ts', async (importActual) => {
  const { CallLock } = await importActual<{ CallLock: new (options: unknown) => object }>();
  return {
    /** The lock, or a copy of the class without it: whoever comes gets the seat, whoever has it already. */
    CallLock: class {
      readonly waiting = 0;
      #seat: unknown;

      constructor(options: unknown) {
        // biome-ignore lint/correctness/noConstructorReturn: which of the two it is, is known when the gateway has been made
        if (isLocked.now) return new CallLock(options) as never;
      }

      tryEnter(): unknown {
        return this.#seat;
      }

      leave(seat: unknown): void {
        this.#seat = seat;
      }

      rejectWaiting(): void {}
    },
  };
});

afterEach(() => {
  vi.unstubAllGlobals();
});

/** How many of the answers to the 50 calls that a script makes at once at one instance, in one thread, are not those of their own calls. */
async function wrongAnswers(): Promise<number> {
  // Answers come back in another order than they were asked for.
  vi.stubGlobal('fetch', new Backend((message) => Number(message) % 3).fetch);
  const { guest } = moduleFiles({ guest: fetchEchoGuest() });
  const http = { allow: ['backend.test'] };
  await using served = await servedGateway({
    gateway: { listen: '127.0.0.1:0', discovery: 'search' },
    plugins: { guest: { path: guest, http, isolation: 'inline', instances: { max: 1 } } },
  } as never);
  const client = await QuickClient.connect(served.url, 'modern');
  const code = `
    const call = (i) => api.tryCall(i % 4 === 0 ? 'guest__fetch-then-echo' : 'guest__echo', { message: String(i) });
    const all = await Promise.all(Array.from({ length: 50 }, (_, i) => call(i)));
    return all.filter(({ ok, data }, i) => !ok || data !== String(i)).length;`;
  const wrong = Number(await client.call('run_script', { code }));
  client.close();
  return wrong;
}

test('calls that a script makes at once at one instance get their own answers because the runtime has a lock', async () => {
  isLocked.now = true;
  expect(await wrongAnswers()).toBe(0);
  isLocked.now = false;
  const wrong = await wrongAnswers();
  console.log(`without the lock: ${wrong} of 50 answers are wrong or errors`);
  expect(wrong).toBeGreaterThan(0);
});
