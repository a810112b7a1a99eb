import type { Tick } from '../console/api.ts';
import type { OtherStatuses } from '../gateway-processes.ts';
import type { GatewayStatus } from '../gateway-status.ts';
import { MetricsSum } from '../observe/metrics-sum.ts';
import { metricText } from '../observe/prometheus-text.ts';
import type { LinkHandlers } from '../process-link.ts';
import { IpcStoreHost } from '../state/ipc/ipc-store-host.ts';
import type { StateStore } from '../state/state-store.ts';
import type { ServingProcess } from './serving-process.ts';
import type { Supervisor } from './supervisor.ts';

/** How long another process may take to say how it does, in milliseconds. */
const ASKED_MS = 1_000;

export interface ProcessesOptions {
  readonly supervisor: () => Supervisor;
  readonly store: StateStore;
  readonly wanted: number;
  /** Takes what one of them, by its number, did in a second. */
  readonly onTick: (number: number, tick: Tick) => void;
  /** Told that one of them, by its number, has ended. */
  readonly onEnd: (number: number) => void;
  /** Takes a line of the log of one of them. */
  readonly onLine: (line: string) => void;
}

/** What the processes that serve together have in the one that keeps them: their state, and each other. */
export class Processes {
  readonly #options: ProcessesOptions;
  readonly #sum = new MetricsSum();
  /** What was last told of each that runs: what was shown of a counter is never taken back. */
  readonly #told = new Map<ServingProcess, string>();

  constructor(options: ProcessesOptions) {
    this.#options = options;
  }

  /**
   * Adds one.
   *
   * @param start - Starts it, and answers what it asks.
   */
  add(start: (handlers: LinkHandlers) => ServingProcess): ServingProcess {
    const host = new IpcStoreHost(this.#options.store, (channel, json) => added.link.tell('heard', [channel, json]));
    const added = start({
      ...host.handlers,
      statuses: () => this.#statuses(added),
      sum: (own: string) => this.#metrics(added, own),
      counted: (text: string) => void this.#told.set(added, text),
      log: this.#options.onLine,
      tick: (tick: Tick) => this.#options.onTick(added.number, tick),
    });
    void added.ended.then(() => {
      host.close();
      this.#options.onEnd(added.number);
      const told = this.#told.get(added);
      this.#told.delete(added);
      if (told !== undefined) this.#sum.keep(told);
    });
    return added;
  }

  async #statuses(asking: ServingProcess): Promise<OtherStatuses> {
    const answers = await this.#askOthers(asking, 'status');
    const statuses = answers.flatMap(([, status]) => (status ? [status as GatewayStatus] : []));
    return { statuses, wanted: this.#options.wanted };
  }

  async #metrics(asking: ServingProcess, own: string): Promise<string> {
    this.#told.set(asking, own);
    for (const [one, text] of await this.#askOthers(asking, 'metrics')) this.#told.set(one, text as string);
    const { restarts, serving } = this.#options.supervisor();
    const processes = metricText('lockgate_processes', 'gauge', 'Processes that serve.', [{ value: serving.length }]);
    const again = metricText(
      'lockgate_process_restarts_total',
      'counter',
      'Processes that were started again because one had ended by itself.',
      [{ value: restarts }],
    );
    return `${this.#sum.text([...this.#told.values()])}${processes}${again}`;
  }

  /** Those that do not answer are left out. */
  async #askOthers(asking: ServingProcess, what: string): Promise<readonly (readonly [ServingProcess, unknown])[]> {
    const others = this.#options.supervisor().running.filter((one) => one !== asking);
    const asked = await Promise.allSettled(others.map((one) => one.link.ask(what, null, ASKED_MS)));
    return asked.flatMap((answer, index) =>
      answer.status === 'fulfilled' ? [[others[index] as ServingProcess, answer.value] as const] : [],
    );
  }
}
