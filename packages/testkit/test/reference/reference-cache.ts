import { createHash } from 'node:crypto';
import type { CacheSubject, CreateCacheOptions, SlotSubject } from '../../src/index.ts';

/** Faults of a compilation cache. */
export type CacheFault =
  | 'no single flight'
  | 'key too short'
  | 'failure cached'
  | 'module compiled after close'
  | 'close does not wait for compiles'
  | 'nameless error'
  | 'close only once'
  | 'keyed by name'
  | 'keyed by its end'
  | 'nothing kept'
  | 'keyed by two digits'
  | 'bytes read after a turn';

/** Modules in memory: what the cache suite must accept. */
export class ReferenceCache implements CacheSubject {
  readonly #engine: CreateCacheOptions['engine'];
  readonly #fault: CacheFault | undefined;
  readonly #modules = new Map<string, Promise<WebAssembly.Module>>();
  readonly #compiled = new Set<string>();
  #closed = false;

  constructor({ engine }: CreateCacheOptions, fault?: CacheFault) {
    this.#engine = engine;
    this.#fault = fault;
  }

  async compile(bytes: Uint8Array, options: { readonly name?: string } = {}): Promise<WebAssembly.Module> {
    const { name = 'a module' } = options;
    if (this.#closed && this.#fault !== 'module compiled after close') throw new Error('the cache is closed');
    const some = this.#fault === 'keyed by its end' ? bytes.subarray(-256) : bytes;
    const hashed = this.#fault === 'key too short' ? bytes.subarray(0, 64) : some;
    const digest = createHash('sha256').update(hashed).digest('hex');
    const digits = this.#fault === 'keyed by two digits' ? digest.slice(0, 2) : digest;
    const key = this.#fault === 'keyed by name' ? (options.name ?? digits) : digits;
    const joins = this.#fault !== 'no single flight' || this.#compiled.has(key);
    const known = joins ? this.#modules.get(key) : undefined;
    const late = this.#fault === 'bytes read after a turn';
    const module = known ?? (late ? Promise.resolve().then(() => this.#engine(bytes)) : this.#engine(bytes));
    this.#modules.set(key, module);
    try {
      const compiled = await module;
      this.#compiled.add(key);
      if (this.#fault === 'nothing kept') this.#modules.delete(key);
      return compiled;
    } catch (cause) {
      if (this.#fault !== 'failure cached') this.#modules.delete(key);
      throw new Error(this.#fault === 'nameless error' ? 'compiling failed' : `compiling ${name} failed`, { cause });
    }
  }

  async close(): Promise<void> {
    if (this.#closed && this.#fault === 'close only once') throw new Error('already closed');
    this.#closed = true;
    if (this.#fault !== 'close does not wait for compiles') await Promise.allSettled(this.#modules.values());
  }
}

/** Faults of a slot in which caches are replaced. */
export type SlotFault =
  | 'old cache closed twice'
  | 'replacement closes a cache in use'
  | 'failed replacement takes the old one with it'
  | 'trouble in closing undoes the replacement'
  | 'trouble in closing is lost'
  | 'replacements race'
  | 'late cache left open'
  | 'nothing replaced after a failure'
  | 'closed when replaced by itself';

/** A cache that can be replaced: what the replacement suite must accept. */
export class ReferenceSlot<C extends CacheSubject> implements SlotSubject<C> {
  readonly #fault: SlotFault | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;
  current: C;

  constructor(initial: C, fault?: SlotFault) {
    this.current = initial;
    this.#fault = fault;
  }

  replace(open: () => Promise<C>): Promise<void> {
    if (this.#fault === 'replacements race') return this.#replace(open);
    const replaced = this.#turn.then(() => this.#replace(open));
    this.#turn = this.#fault === 'nothing replaced after a failure' ? replaced : replaced.catch(() => undefined);
    this.#turn.catch(() => undefined); // the caller has the failure
    return replaced;
  }

  close(): Promise<void> {
    this.#closing ??= this.#turn.catch(() => undefined).then(() => this.current.close());
    return this.#closing;
  }

  async #replace(open: () => Promise<C>): Promise<void> {
    const old = this.current;
    const next = await open().catch(async (error: unknown) => {
      if (this.#fault === 'failed replacement takes the old one with it') await old.close();
      throw error;
    });
    if (this.#closing !== undefined) {
      if (this.#fault !== 'late cache left open') await next.close();
      throw new Error('the slot is closed');
    }
    if (next === old && this.#fault !== 'closed when replaced by itself') return;
    const inUse = this.#fault === 'replacement closes a cache in use';
    if (!inUse) this.current = next;
    try {
      await old.close();
      if (this.#fault === 'old cache closed twice') await old.close();
    } catch (error) {
      if (this.#fault === 'trouble in closing undoes the replacement') this.current = old;
      if (this.#fault !== 'trouble in closing is lost') throw error;
    } finally {
      if (inUse) this.current = next;
    }
  }
}
