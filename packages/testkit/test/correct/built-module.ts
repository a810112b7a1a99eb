import { AsyncLocalStorage } from 'node:async_hooks';
import type { ToolResult } from '@lockgate/abi';
import type { CreateModuleOptions, ModuleSubject, SubjectCallOptions } from '../../src/index.ts';
import type { Guest, GuestNeeds } from './guest.ts';
import type { Schedule } from './schedules.ts';

/** How a module is built. */
export interface Build {
  readonly schedule: (concurrency: number) => Schedule;
  readonly open: (needs: GuestNeeds) => Guest;
  /** Whether a guest serves one call alone. */
  readonly once?: boolean;
}

const CLOSED: ToolResult = { data: 'wasm: module closed', isError: true };
const MAX_LEAKS = 1_000;

class ModuleClosedError extends Error {
  override readonly name = 'ModuleClosedError';
}

interface Home {
  readonly guest: Guest;
  configured: string | undefined;
}

interface Call {
  signal?: AbortSignal | undefined;
}

/**
 * A module that is right, and built otherwise than the reference: a schedule runs the work, idle guests lie in a list, and who is aborted
 * is answered at once while the turn is kept until the guest has left.
 */
export class BuiltModule implements ModuleSubject {
  readonly #options: CreateModuleOptions;
  readonly #build: Build;
  readonly #schedule: Schedule;
  readonly #idle: Home[] = [];
  readonly #homes = new Set<Home>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #turnedAway = new Set<(reason: Error) => void>();
  readonly #inside = new AsyncLocalStorage<Call>();
  #settings: string | undefined;
  #hasWarned = false;
  #closing: Promise<void> | undefined;

  constructor(options: CreateModuleOptions, build: Build) {
    this.#options = options;
    this.#build = build;
    this.#schedule = build.schedule(options.instances?.max ?? 1);
  }

  async execute(tool: string, args: Readonly<Record<string, unknown>>, options: SubjectCallOptions = {}) {
    const input = JSON.stringify({ tool_name: tool, args });
    const work = (guest: Guest): Promise<string> => {
      options.onStart?.();
      return guest.exchange('execute', input);
    };
    return this.#run(work, options.signal).then(toResult, (error: unknown) => {
      if (error instanceof ModuleClosedError) return CLOSED;
      throw error;
    });
  }

  async configure(settings: Readonly<Record<string, string>>): Promise<void> {
    // Each guest is given the settings before its next call.
    await this.#run(async () => {
      this.#settings = JSON.stringify(settings);
    });
  }

  async name(): Promise<string> {
    return this.#options.name ?? this.#ask((guest) => guest.exchange('name'), 'unknown');
  }

  tools(): Promise<readonly object[] | null> {
    return this.#ask(async (guest) => JSON.parse(await guest.exchange('tools')), null);
  }

  metadata(): Promise<object | null> {
    return this.#ask(async (guest) => JSON.parse(await guest.exchange('metadata')), null);
  }

  healthy(): Promise<boolean> {
    return this.#ask((guest) => guest.healthy(), false);
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shutDown(): Promise<void> {
    for (const turnAway of this.#turnedAway) turnAway(new ModuleClosedError());
    await Promise.allSettled(this.#running);
    await Promise.all([...this.#homes].map((home) => this.#leave(home)));
  }

  async #ask<T>(question: (guest: Guest) => Promise<T>, afterClose: T): Promise<T> {
    return this.#run(question).catch((error: unknown) => {
      if (error instanceof ModuleClosedError) return afterClose;
      throw error;
    });
  }

  #run<T>(work: (guest: Guest) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#closing !== undefined) return reject(new ModuleClosedError());
      if (signal?.aborted) return reject(signal.reason);
      if (this.#inside.getStore()) return reject(new Error('called from inside its own call'));
      const onAbort = (): void => leave(signal?.reason);
      let isAnswered = false;
      const answer = (settle: () => void): void => {
        isAnswered = true;
        signal?.removeEventListener('abort', onAbort);
        this.#turnedAway.delete(leave);
        settle();
      };
      const leave = (reason: unknown): void => answer(() => reject(reason));
      signal?.addEventListener('abort', onAbort);
      this.#turnedAway.add(leave);
      this.#schedule(async () => {
        if (isAnswered) return;
        this.#turnedAway.delete(leave);
        const running = this.#inside.run({ signal }, () => this.#within(work));
        this.#running.add(running);
        await running.then((value) => answer(() => resolve(value)), leave);
        this.#running.delete(running);
      });
    });
  }

  /** Gives an idle guest the work, and puts it back where it may serve again. */
  async #within<T>(work: (guest: Guest) => Promise<T>): Promise<T> {
    const home = this.#idle.pop() ?? this.#open();
    try {
      if (home.configured !== this.#settings && this.#settings !== undefined) {
        const refusal = await home.guest.exchange('configure', this.#settings);
        if (refusal) throw new Error(refusal);
      }
      home.configured = this.#settings;
      return await work(home.guest);
    } finally {
      const { trapped, leaks } = home.guest;
      if (leaks > 0 && !this.#hasWarned) {
        this.#hasWarned = true;
        this.#options.onWarning('the guest loses memory');
      }
      if (trapped || leaks >= MAX_LEAKS || this.#build.once) await this.#leave(home);
      else this.#idle.push(home);
    }
  }

  async #leave(home: Home): Promise<void> {
    this.#homes.delete(home);
    await home.guest.end?.();
  }

  #open(): Home {
    const { bytes, onGuestLog, fetch } = this.#options;
    let current: Call | undefined;
    const guest = this.#build.open({
      bytes,
      onGuestLog,
      // A caller who leaves ends the request; the guest hears that it failed, and comes back by itself.
      fetch: async (url) => {
        const signal = current?.signal;
        return fetch(url, signal && { signal }).catch(() => new Response('the caller has gone', { status: 499 }));
      },
    });
    const entering: Guest = {
      get trapped() {
        return guest.trapped;
      },
      get leaks() {
        return guest.leaks;
      },
      exchange: (field, input) => {
        current = this.#inside.getStore();
        return guest.exchange(field, input);
      },
      healthy: () => guest.healthy(),
      end: async () => guest.end?.(),
    };
    const home = { guest: entering, configured: undefined };
    this.#homes.add(home);
    return home;
  }
}

function toResult(output: string): ToolResult {
  try {
    const { data, is_error } = JSON.parse(output) as { data?: string; is_error?: boolean };
    return { data: data ?? '', isError: is_error ?? false };
  } catch {
    return { data: output, isError: false };
  }
}
