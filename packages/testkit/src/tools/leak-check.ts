import { AssertionError } from 'node:assert';
import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import { idle } from './idle.ts';

const LOOKS = 200;

/** Kinds of `async_hooks` resources that keep a process busy until somebody closes them: timers, sockets, processes, watchers, files. */
const LASTING = /^(?:Timeout|FILEHANDLE|STATWATCHER|MESSAGEPORT|(?:.*[^Q])?WRAP)$/;

/**
 * Runs the body twice and looks at what the second run left open: timers, sockets, file handles, ports, threads, and listeners on `process`.
 * The first run makes whatever is made once and kept. What others in the process do meanwhile does not count, nor what is `unref`ed.
 *
 * @throws AssertionError that names what was left, when it is still open after the event loop has had time to close it.
 */
export async function leakCheck(body: () => Promise<void>): Promise<void> {
  await body();
  using made = new Made();
  const listeners = processListeners();
  await made.during(body);
  const left = (): string[] => [...made.open(), ...added(listeners, processListeners())];
  for (let look = 0; look < LOOKS && left().length > 0; look += 1) await idle(5);
  const found = left();
  if (found.length > 0) {
    throw new AssertionError({ message: `left behind: ${found.join(', ')}`, operator: 'leakCheck' });
  }
}

interface Resource {
  hasRef?(): boolean;
}

/** Notes what is made in the course of a body, by whatever it calls, and what is still open of it. */
class Made implements Disposable {
  readonly #body = new AsyncLocalStorage<true>();
  readonly #resources = new Map<number, { readonly type: string; readonly resource: Resource }>();
  readonly #workers = new Set<Worker>();
  readonly #hook = createHook({
    init: (id, type, _trigger, resource) => {
      if (LASTING.test(type) && this.#body.getStore())
        this.#resources.set(id, { type, resource: resource as Resource });
    },
    destroy: (id) => {
      this.#resources.delete(id);
    },
  });

  constructor() {
    this.#hook.enable();
    subscribe('worker_threads', this.#onWorker);
  }

  during(body: () => Promise<void>): Promise<void> {
    return this.#body.run(true, body);
  }

  open(): string[] {
    const counts = new Map<string, number>();
    if (this.#workers.size > 0) counts.set('Worker', this.#workers.size);
    for (const { type, resource } of this.#resources.values()) {
      if (resource.hasRef?.() ?? true) counts.set(type, (counts.get(type) ?? 0) + 1);
    }
    return [...counts].map(([type, count]) => `${count} ${type}`);
  }

  [Symbol.dispose](): void {
    this.#hook.disable();
    unsubscribe('worker_threads', this.#onWorker);
  }

  readonly #onWorker = (message: unknown): void => {
    const { worker } = message as { readonly worker: Worker };
    this.#workers.add(worker);
    worker.once('exit', () => this.#workers.delete(worker));
  };
}

function processListeners(): ReadonlyMap<string, number> {
  return new Map(process.eventNames().map((event) => [String(event), process.listenerCount(event)]));
}

function added(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string[] {
  return [...after].flatMap(([event, count]) => {
    const more = count - (before.get(event) ?? 0);
    return more > 0 ? [`${more} process.on('${event}')`] : [];
  });
}
