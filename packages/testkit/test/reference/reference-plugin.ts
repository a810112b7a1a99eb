import { AsyncLocalStorage } from 'node:async_hooks';
import { type CreateModuleOptions, idle, type ModuleSubject, type SubjectCallOptions } from '../../src/index.ts';
import { GuestInstance, type InstanceFault } from './guest-instance.ts';
import { type LockFault, TurnLock } from './turn-lock.ts';

/** Faults of a module: of its lifecycle, of its replacing of instances, of its pool. */
export type ModuleFault =
  | LockFault
  | InstanceFault
  | 'closed not checked after waiting'
  | 'late execute throws'
  | 'late call enters the guest'
  | 'healthy after close'
  | 'forgets its name'
  | 'closing is not closed'
  | 'close does not wait'
  | 'close cuts the running call'
  | 'second close answered too early'
  | 'close waits for the call it is called from'
  | 'dispose does not close'
  | 'timer left behind'
  | 'tells the start when it queues'
  | 'waits for itself'
  | 'trap poisons the module'
  | 'trapped instance goes on'
  | 'settings lost on replacement'
  | 'one instance for two'
  | 'pool without a limit'
  | 'busy instance chosen'
  | 'settings for one instance only'
  | 'new settings for one instance only'
  | 'close waits for one instance only'
  | 'aborted guest shares its instance'
  | 'trap after an abort is lost'
  | 'turn lost when aborted at the start'
  | 'listener left by a call'
  | 'listener left by a call that traps'
  | 'abort at the start not heard'
  | 'first settings after a trap'
  | 'one instance for two after a trap'
  | 'one instance for two after an abort'
  | 'slot lost with a trap'
  | 'limit forgotten after a trap'
  | 'warning with every call'
  | 'silent about leaks';

const CLOSED = { data: 'wasm: module closed', isError: true } as const;
const MAX_LEAKS = 1_000;

class ModuleClosedError extends Error {
  override readonly name = 'ModuleClosedError';
}

interface Slot {
  readonly lock: TurnLock;
  /** Made by the first call that needs it. */
  instance: GuestInstance | undefined;
  calls: number;
  lost: boolean;
}

/**
 * A locked module runtime in small, on real guests: what every suite must accept. With a fault it is wrong in that one way, at the
 * line that names it. Written to be read beside the suites, not to be fast.
 */
export class ReferencePlugin implements ModuleSubject {
  readonly #options: CreateModuleOptions;
  readonly #fault: ModuleFault | undefined;
  readonly #module: WebAssembly.Module;
  readonly #slots: Slot[] = [];
  readonly #max: number;
  readonly #inside = new AsyncLocalStorage<true>();
  #picked = -1;
  #settings: string | undefined;
  #firstSettings: string | undefined;
  #hasTrapped = false;
  #hasWarned = false;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #closing: Promise<void> | undefined;

  constructor(options: CreateModuleOptions, fault?: ModuleFault) {
    this.#options = options;
    this.#fault = fault;
    this.#module = new WebAssembly.Module(options.bytes);
    this.#max = options.instances?.max ?? 1;
    this.#slots.push(this.#newSlot());
    this.#cut.promise.catch(() => undefined);
    if (fault === 'timer left behind') setInterval(() => undefined, 1_000_000);
  }

  async execute(tool: string, args: Readonly<Record<string, unknown>>, options: SubjectCallOptions = {}) {
    if (this.#isClosed('execute')) {
      if (this.#fault === 'late execute throws' && this.#state === 'closed') throw new ModuleClosedError();
      return CLOSED;
    }
    if (this.#fault === 'tells the start when it queues') options.onStart?.();
    try {
      const isLate = this.#state === 'closed';
      const input = JSON.stringify({ tool_name: tool, args });
      const answer = await this.#enter(options.signal, async (instance) => {
        if (this.#fault !== 'tells the start when it queues') options.onStart?.();
        if (this.#fault === 'answer copied after the lock') return instance.lend('execute', input);
        return instance.exchange('execute', input);
      });
      if (typeof answer === 'function') await idle(1);
      const output = typeof answer === 'function' ? answer() : answer;
      return isLate ? CLOSED : toResult(output);
    } catch (error) {
      if (error instanceof ModuleClosedError) return CLOSED;
      throw error;
    }
  }

  async configure(settings: Readonly<Record<string, string>>): Promise<void> {
    if (this.#isClosed('configure')) throw new ModuleClosedError();
    this.#settings = JSON.stringify(settings);
    this.#firstSettings ??= this.#settings;
    const isForOne = this.#fault?.endsWith('settings for one instance only');
    const slots = isForOne ? this.#slots.slice(0, 1) : this.#slots;
    await Promise.all(slots.map((slot) => this.#within(slot, undefined, (instance) => this.#configure(instance))));
  }

  async name(): Promise<string> {
    if (this.#isClosed('name'))
      return (this.#fault === 'forgets its name' ? undefined : this.#options.name) ?? 'unknown';
    return this.#options.name ?? this.#ask((instance) => instance.exchange('name'), 'unknown');
  }

  tools(): Promise<readonly object[] | null> {
    return this.#ask(async (instance) => JSON.parse(await instance.exchange('tools')), null);
  }

  metadata(): Promise<object | null> {
    return this.#ask(async (instance) => JSON.parse(await instance.exchange('metadata')), null);
  }

  async healthy(): Promise<boolean> {
    if (this.#state === 'closed' && this.#fault === 'healthy after close') return true;
    return this.#ask((instance) => instance.healthy(), false);
  }

  close(): Promise<void> {
    if (this.#fault === 'second close answered too early' && this.#state !== 'open') return Promise.resolve();
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#fault !== 'dispose does not close') await this.close();
  }

  async #shutDown(): Promise<void> {
    if (this.#fault === 'close waits for the call it is called from' && this.#inside.getStore()) {
      return new Promise(() => undefined);
    }
    this.#state = 'closing';
    if (this.#fault !== 'closed not checked after waiting') {
      for (const { lock } of this.#slots) lock.turnAway(new ModuleClosedError());
    }
    if (this.#fault === 'close cuts the running call') this.#cut.reject(new Error('cut off'));
    const busy = this.#fault === 'close waits for one instance only' ? this.#slots.slice(0, 1) : this.#slots;
    if (this.#fault !== 'close does not wait') {
      await Promise.all(busy.map(({ lock }) => lock.run(async () => undefined)));
    }
    this.#state = 'closed';
  }

  readonly #cut = Promise.withResolvers<never>();

  #isClosed(operation: string): boolean {
    if (this.#fault === 'late call enters the guest' && operation === 'execute' && this.#state === 'closed')
      return false;
    if (this.#fault === 'closing is not closed' && operation === 'execute') return this.#state === 'closed';
    return this.#state !== 'open';
  }

  async #ask<T>(question: (instance: GuestInstance) => Promise<T>, afterClose: T): Promise<T> {
    if (this.#isClosed('question')) return afterClose;
    return this.#enter(undefined, question).catch((error: unknown) => {
      if (error instanceof ModuleClosedError) return afterClose;
      throw error;
    });
  }

  /** The critical section: every call goes through it. */
  #enter<T>(signal: AbortSignal | undefined, work: (instance: GuestInstance) => Promise<T>): Promise<T> {
    const reentrant = this.#inside.getStore() && this.#max === 1;
    if (reentrant && this.#fault !== 'waits for itself')
      return Promise.reject(new Error('called from inside its own call'));
    return this.#within(this.#pick(), signal, work);
  }

  async #within<T>(
    slot: Slot,
    signal: AbortSignal | undefined,
    work: (instance: GuestInstance) => Promise<T>,
  ): Promise<T> {
    slot.calls += 1;
    const mayEnterLate =
      this.#fault === 'closed not checked after waiting' || this.#fault === 'late call enters the guest';
    const left = Promise.withResolvers<never>(); // for a call whose turn nobody takes back
    try {
      const turn = slot.lock.run(async () => {
        if (this.#state !== 'open' && !mayEnterLate) throw new ModuleClosedError();
        const instance = await this.#ready(slot);
        const wasAborted = signal?.aborted;
        const running = this.#inside.run(true, () => work(instance));
        const abortedNow = !wasAborted && signal?.aborted;
        if (abortedNow && this.#fault === 'turn lost when aborted at the start') {
          left.reject(signal.reason);
          return new Promise<T>(() => undefined);
        }
        const answer = await this.#untilAborted(running, slot, instance, signal);
        if (instance.leaks > 0) this.#warn();
        return answer;
      }, signal);
      return await Promise.race([turn, left.promise]);
    } finally {
      slot.calls -= 1;
    }
  }

  #warn(): void {
    if (this.#fault === 'silent about leaks' || (this.#hasWarned && this.#fault !== 'warning with every call')) return;
    this.#hasWarned = true;
    this.#options.onWarning('the guest traps in free, and loses memory');
  }

  /** The slot's instance; a fresh one, with the settings, where there is none, or one that has trapped or lost too much memory. */
  async #ready(slot: Slot): Promise<GuestInstance> {
    const old = slot.instance;
    if (old?.trapped && this.#fault === 'trap poisons the module') throw new Error('unavailable after a trap');
    if (old?.trapped && this.#fault === 'trapped instance goes on') return old;
    const worn = (old?.leaks ?? 0) >= MAX_LEAKS && this.#fault !== 'leak never recycled';
    if (old && !old.trapped && !worn) return old;
    const instance = new GuestInstance(this.#module, this.#options, this.#fault);
    slot.instance = instance;
    const other = this.#slots.find((candidate) => candidate !== slot);
    const shares = old?.givenUp ? 'one instance for two after an abort' : 'one instance for two after a trap';
    if (old && other && this.#fault === shares) other.instance = instance;
    const forgets = old ? 'settings lost on replacement' : 'settings for one instance only';
    if (old && this.#fault === 'first settings after a trap') this.#settings = this.#firstSettings;
    if (this.#fault !== forgets) await this.#configure(instance);
    return instance;
  }

  /** An aborted call is answered at once; its instance, which may be anywhere inside, is given up. */
  async #untilAborted<T>(
    running: Promise<T>,
    slot: Slot,
    instance: GuestInstance,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(signal?.reason);
    if (signal?.aborted && this.#fault !== 'abort at the start not heard') onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    running.catch(() => undefined);
    try {
      return await Promise.race([running, aborted.promise, this.#cut.promise]);
    } catch (error) {
      if (this.#fault === 'trap drops the waiters' && instance.trapped) slot.lock.dropWaiters();
      if (instance.trapped) this.#hasTrapped = true;
      if (instance.trapped && this.#fault === 'slot lost with a trap') slot.lost = true;
      if (signal?.aborted) await this.#giveUp(instance, running);
      throw error;
    } finally {
      const stays = this.#fault === 'listener left by a call that traps' && instance.trapped && !signal?.aborted;
      if (!stays && this.#fault !== 'listener left by a call') signal?.removeEventListener('abort', onAbort);
    }
  }

  async #giveUp(instance: GuestInstance, running: Promise<unknown>): Promise<void> {
    instance.givenUp = true;
    if (this.#fault === 'aborted guest shares its instance') return;
    instance.trapped = true;
    if (this.#fault !== 'trap after an abort is lost') return;
    const ended = running.then(
      () => false,
      () => false,
    );
    instance.trapped = await Promise.race([ended, idle(1).then(() => true)]);
  }

  /** The least busy slot; a new one where all are busy and there may be more. */
  #pick(): Slot {
    const usable = this.#slots.filter(({ lost }) => !lost);
    const least = (usable.length > 0 ? usable : this.#slots.slice(0, 1)).reduce((best, slot) =>
      slot.calls < best.calls ? slot : best,
    );
    const unbound =
      this.#fault === 'pool without a limit' || (this.#fault === 'limit forgotten after a trap' && this.#hasTrapped);
    const mayGrow = this.#slots.length < this.#max || (unbound && this.#max > 1);
    if (least.calls === 0 && this.#fault === 'busy instance chosen') {
      this.#picked += 1;
      return this.#slots[this.#picked % this.#slots.length] ?? least;
    }
    if (least.calls === 0 || !mayGrow) return least;
    const slot = this.#newSlot();
    this.#slots.push(slot);
    return slot;
  }

  #newSlot(): Slot {
    const shared = this.#fault === 'one instance for two' ? this.#slots[0]?.instance : undefined;
    return { lock: new TurnLock(this.#fault), instance: shared, calls: 0, lost: false };
  }

  async #configure(instance: GuestInstance): Promise<void> {
    if (this.#settings === undefined) return;
    const refusal = await instance.exchange('configure', this.#settings);
    if (refusal) throw new Error(refusal);
  }
}

function toResult(output: string): { readonly data: string; readonly isError: boolean } {
  try {
    const { data, is_error } = JSON.parse(output) as { data?: string; is_error?: boolean };
    return { data: data ?? '', isError: is_error ?? false };
  } catch {
    return { data: output, isError: false };
  }
}
