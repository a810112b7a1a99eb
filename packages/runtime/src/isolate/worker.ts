import { type Dialect, type GivenAnswer, type GuestAnswer, MessageTooLargeError } from '@lockgate/abi';
import { CallTimeoutError } from '../errors.ts';
import { GuestFault } from '../fault.ts';
import type { GuestState } from '../guest/guest-state.ts';
import type { Isolate, IsolateSetup } from './isolate.ts';
import { Lookout } from './lookout.ts';
import { decodeNamedCall } from './named-call.ts';
import { operationsOf } from './operations-of.ts';
import { Attention, Report, Signal, Word, type WorkerMessage } from './protocol.ts';
import type { ThreadPool } from './threads.ts';
import { decodeFault } from './wire-fault.ts';
import { referTo } from './worker-dialect.ts';
import type { ThreadGuest, WorkerThread } from './worker-thread.ts';

const PAGE_BYTES = 65_536;
/** More memory than this goes with its thread, at once; what another guest's thread still holds is freed when that has the time. */
const MOST_LEFT_BYTES = 64 * 1024 * 1024;
/** A guest that prepares its next call for longer than this gives its thread up only by losing it. */
const LEAVE_MS = 500;
/** Answers that are given as soon as they are found; the next one lets the event loop turn first, which others need as well. */
const MOST_AT_ONCE = 16;

/**
 * A guest in a worker thread that is its own for as long as it has it. Its host calls block that thread alone, and ending
 * it stops it wherever it is. A worker that idles sleeps in `Atomics.wait` and does not keep the process alive.
 */
export class WorkerIsolate implements Isolate, ThreadGuest {
  readonly canInterrupt = true;
  onBack: (failure?: unknown) => void = () => {};
  readonly #setup: IsolateSetup;
  readonly #places: ReadonlyMap<string, number>;
  readonly #thread: WorkerThread;
  readonly #pool: ThreadPool;
  readonly #answers: Lookout;
  #pending: PromiseWithResolvers<GuestAnswer> | undefined;
  #parking: PromiseWithResolvers<GuestState | undefined> | undefined;
  #leaving: PromiseWithResolvers<void> | undefined;
  #isReady = false;
  #sparesThread = true;
  #isAbandoned = false;
  #stays = false;
  #foundAtOnce = 0;
  #hasLeft = false;
  #failure: Error | undefined;
  #startDeadline: NodeJS.Timeout | undefined;

  private constructor(setup: IsolateSetup, thread: WorkerThread, pool: ThreadPool) {
    this.#setup = setup;
    this.#places = placesOf(setup.dialect);
    this.#thread = thread;
    this.#pool = pool;
    this.#answers = new Lookout(thread.control, Word.attention);
  }

  /** @throws GuestFault, ABI_WRONG_SHAPE, RUNTIME_CALL_TIMEOUT, RUNTIME_NO_THREAD */
  static async start(setup: IsolateSetup): Promise<WorkerIsolate> {
    const { module, dialect, limits, signal, parked, grants } = setup;
    const { maxMessageBytes, memoryCeilingBytes, maxLogLinesPerCall } = limits;
    const pool = setup.threads.poolFor(limits, dialect);
    const state = parked?.state;
    const isolate = new WorkerIsolate(setup, await pool.take(signal, parked?.lastCallMs), pool);
    const pending = Promise.withResolvers<GuestAnswer>();
    isolate.#pending = pending;
    const onAbort = (): void => pending.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const ceilings = { maxMessageBytes, memoryCeilingBytes, maxLogLinesPerCall };
    const message = { module, dialect: referTo(dialect), ...ceilings, grants, state };
    isolate.#thread.host(isolate, message, state ? [state.chunks.buffer, state.places.buffer] : []);
    if (signal.aborted) onAbort();
    try {
      await pending.promise;
      return isolate;
    } catch (error) {
      await isolate.end();
      throw error;
    } finally {
      clearTimeout(isolate.#startDeadline);
      signal.removeEventListener('abort', onAbort);
    }
  }

  get threads(): ThreadPool | undefined {
    return this.#canLeave && !this.#failure ? this.#pool : undefined;
  }

  get wantsThread(): boolean {
    return this.#thread.pace.isCalm && this.#canLeave;
  }

  get isBusy(): boolean {
    return this.#isAbandoned;
  }

  get memoryBytes(): number {
    return Atomics.load(this.#thread.control, Word.memoryPages) * PAGE_BYTES;
  }

  get leakedBytes(): number {
    return Atomics.load(this.#thread.control, Word.leakedBytes) >>> 0;
  }

  call(exportName: string, input: string | undefined): GuestAnswer | Promise<GuestAnswer> {
    if (this.#failure) throw this.#failure;
    const byteLength = input === undefined ? 0 : this.#thread.block.writeText(input, 'to guest');
    const { maxMessageBytes: limitBytes } = this.#setup.limits;
    if (byteLength > limitBytes) throw new MessageTooLargeError({ direction: 'to guest', byteLength, limitBytes });
    const { control } = this.#thread;
    Atomics.store(control, Word.detail, this.#places.get(exportName) as number);
    Atomics.store(control, Word.attention, Attention.here);
    this.#thread.wake(Signal.call, byteLength);
    this.#answers.sees(Attention.here);
    if (Atomics.exchange(control, Word.attention, Attention.elsewhere) === Attention.answered) return this.#found();
    const pending = Promise.withResolvers<GuestAnswer>();
    this.#pending = pending;
    this.#thread.ref();
    this.#compute();
    return pending.promise;
  }

  abandon(reason: unknown): void {
    if (!this.#pending) return;
    this.#pending.reject(reason);
    this.#pending = undefined;
    this.#isAbandoned = true;
  }

  explain(error: unknown): unknown {
    return error;
  }

  park(): Promise<GuestState | undefined> {
    if (this.#failure) return Promise.resolve(undefined);
    this.#parking = Promise.withResolvers();
    this.#thread.ref();
    this.#thread.wake(Signal.park, 0);
    return this.#parking.promise;
  }

  async end({ isReplaced = false }: { readonly isReplaced?: boolean } = {}): Promise<void> {
    this.#failure ??= new GuestFault('the instance has ended', { isTrap: true });
    if (this.#hasLeft) return;
    if (this.#leaving) await this.#leaving.promise;
    else if (isReplaced && this.#canGiveThreadUp) await this.#giveThreadUp();
    else {
      if (isReplaced) this.#pool.noteLoss();
      await this.#thread.end();
    }
  }

  onMessage(message: WorkerMessage): void {
    if (typeof message === 'number') {
      this.#onReport(message);
    } else if ('line' in message) {
      this.#setup.log(message.level, message.line);
    } else if ('fault' in message) {
      this.#sparesThread = message.sparesThread;
      this.#fail(decodeFault(message.fault));
    } else if ('parked' in message) {
      this.#leave(message.parked);
    } else {
      this.#setup.onWarning(message.exportName, message.warning);
    }
  }

  #onReport(report: number): void {
    const byteLength = Atomics.load(this.#thread.control, Word.byteLength);
    const detail = Atomics.load(this.#thread.control, Word.detail);
    switch (report) {
      case Report.text:
      case Report.number:
        this.#settle()?.resolve(this.#answerOf(report));
        return;
      case Report.starting:
        if (!this.#setup.parked) this.#limitStart(); // no code of a guest runs that goes on
        return;
      case Report.ready:
        this.#stays = detail === 0;
        this.#isReady = true;
        this.#settle()?.resolve(detail);
        return;
      case Report.stays:
        this.#stays = true;
        this.#thread.unref();
        this.#parking?.resolve(undefined);
        this.#parking = undefined;
        return;
      case Report.left:
        if (!this.#sparesThread) return; // too late: it is being ended
        this.#giveBack();
        this.#leaving?.resolve();
        return;
      case Report.http:
        void this.#answer(() => this.#setup.hostCalls.http(this.#thread.block.readText(0, byteLength)));
        return;
      case Report.backend:
        void this.#answer(() =>
          this.#setup.hostCalls.backend(
            this.#thread.block.readText(0, detail),
            this.#thread.block.readText(detail, byteLength),
          ),
        );
        return;
      case Report.named: {
        const { name, args } = decodeNamedCall(this.#thread.block.view(byteLength));
        void this.#answer(() => this.#setup.hostCalls.functions(name, args));
        return;
      }
      default:
        throw new TypeError(`Unknown report ${report}.`);
    }
  }

  /** The worker had its answer before the main thread went on. */
  #found(): GuestAnswer | Promise<GuestAnswer> {
    const answer = this.#answerOf(Atomics.load(this.#thread.control, Word.report));
    if (this.#foundAtOnce < MOST_AT_ONCE) {
      this.#foundAtOnce += 1;
      return answer;
    }
    this.#foundAtOnce = 0;
    return new Promise((resolve) => setImmediate(resolve, answer));
  }

  #answerOf(report: number): GuestAnswer {
    const { control, block } = this.#thread;
    return report === Report.number
      ? Atomics.load(control, Word.detail)
      : block.readText(0, Atomics.load(control, Word.byteLength));
  }

  onExit(failure: Error | undefined): void {
    this.#failure ??= failure;
    const reason = this.#failure instanceof GuestFault ? this.#failure.message : 'the worker ended';
    const fault =
      this.#failure instanceof GuestFault
        ? this.#failure
        : new GuestFault(reason, { isTrap: true }, { cause: this.#failure });
    this.#failure = fault;
    this.#sparesThread = false;
    this.#parking?.resolve(undefined);
    this.#leaving?.resolve();
    this.#fail(fault);
  }

  #leave(state: GuestState): void {
    if (this.#failure) return; // it is being ended, and its thread with it
    this.#giveBack();
    this.#parking?.resolve(state);
  }

  #giveBack(): void {
    this.#hasLeft = true;
    this.#pool.giveBack(this.#thread);
  }

  /** Nobody is inside, and nothing of what the guest did is left in its thread but what it will not reach again. */
  get #canGiveThreadUp(): boolean {
    const isIdle = this.#isReady && !this.#pending && !this.#isAbandoned && !this.#parking;
    return isIdle && this.#sparesThread && this.memoryBytes <= MOST_LEFT_BYTES;
  }

  /** Ends the guest, and not its thread, which is worth a hundred instantiations. */
  async #giveThreadUp(): Promise<void> {
    this.#leaving = Promise.withResolvers();
    const { promise } = this.#leaving;
    this.#pool.expect(promise);
    this.#thread.ref();
    this.#thread.wake(Signal.leave, 0);
    const timer = setTimeout(() => {
      this.#sparesThread = false;
      void this.#thread.end();
    }, LEAVE_MS);
    await promise;
    clearTimeout(timer);
  }

  /** Counts from when the guest begins, as for any call: how long the thread took to get there is not its fault. */
  #limitStart(): void {
    const { name: module, limits } = this.#setup;
    const { callTimeoutMs } = limits;
    const late = (): void =>
      this.#settle()?.reject(new CallTimeoutError({ module, exportName: 'start-up', callTimeoutMs }));
    this.#startDeadline = setTimeout(late, callTimeoutMs);
  }

  /** Serves one host call and wakes the guest, whatever comes of it: it sleeps until then. */
  async #answer(ask: () => string | GivenAnswer | Promise<string | GivenAnswer>): Promise<void> {
    let signal: number = Signal.reply;
    let byteLength = 0;
    this.#thread.pace.end();
    try {
      const answer = await ask();
      if (typeof answer === 'string') byteLength = this.#thread.block.writeText(answer, 'to guest');
      else if (answer === undefined) signal = Signal.noReply;
      else if ('failure' in answer) {
        signal = Signal.failed;
        byteLength = this.#thread.block.writeText(answer.failure, 'to guest');
      } else byteLength = this.#thread.block.writeBytes(answer, 'to guest');
    } catch (error) {
      const isRefusal = error instanceof GuestFault;
      signal = isRefusal ? Signal.trap : Signal.noReply;
      byteLength = isRefusal ? this.#thread.block.writeText(error.message, 'to guest') : 0;
    }
    this.#compute();
    this.#thread.wake(signal, byteLength);
  }

  get #canLeave(): boolean {
    return !this.#stays && this.leakedBytes === 0;
  }

  /** A guest that cannot get another thread later keeps this one as it is. */
  #compute(): void {
    if (!this.#canLeave) return;
    this.#thread.pace.begin();
    this.#pool.slowGuests.watch();
  }

  #fail(failure: Error): void {
    this.#settle(failure)?.reject(failure);
  }

  /** The call under way, which is now over. What it failed of is for the instance where the caller has left already. */
  #settle(failure?: Error): PromiseWithResolvers<GuestAnswer> | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#thread.unref();
    this.#thread.pace.end();
    if (this.#isAbandoned) {
      this.#isAbandoned = false;
      this.onBack(failure);
    }
    return pending;
  }
}

function placesOf(dialect: Dialect): ReadonlyMap<string, number> {
  return new Map(operationsOf(dialect).map(({ exportName }, index) => [exportName, index]));
}
