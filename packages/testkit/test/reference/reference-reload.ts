import type { ToolResult } from '@lockgate/abi';
import type {
  CreateModuleOptions,
  ModuleSubject,
  NextVersion,
  ReloadSubject,
  SubjectCallOptions,
} from '../../src/index.ts';
import { idle } from '../../src/index.ts';
import { ReferencePlugin } from './reference-plugin.ts';

/** Faults of a loader. */
export type ReloadFault =
  | 'swap that is done too early'
  | 'old version closed under its caller'
  | 'moment without a version'
  | 'metadata of the old version'
  | 'refused version is in service'
  | 'refused version takes the old one with it'
  | 'version without tools accepted'
  | 'two changes race'
  | 'settings lost on change'
  | 'no way back'
  | 'waiting call is lost'
  | 'old version never let go'
  | 'version left behind by close';

interface Version {
  readonly plugin: ReferencePlugin;
  retired: boolean;
}

/** One plugin whose version can be changed while calls run: what the hot-reload suite must accept. */
export class ReferenceReload implements ReloadSubject {
  readonly #options: CreateModuleOptions;
  readonly #fault: ReloadFault | undefined;
  readonly #versions = new Set<Version>();
  #live: Version | undefined;
  #described: Version | undefined;
  #previous: CreateModuleOptions | undefined;
  #current: CreateModuleOptions;
  #settings: Readonly<Record<string, string>> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #slowness = 20;
  #closed = false;

  constructor(options: CreateModuleOptions, fault?: ReloadFault) {
    this.#options = options;
    this.#current = options;
    this.#fault = fault;
    this.#live = this.#open(options);
  }

  readonly plugin: ModuleSubject = {
    execute: (tool, args, options) => this.#execute(tool, args, options),
    metadata: async () => {
      this.#described ??= this.#live;
      const version = this.#fault === 'metadata of the old version' ? this.#described : this.#live;
      return version ? version.plugin.metadata() : null;
    },
    configure: async (settings) => {
      this.#settings = settings;
      await this.#on((version) => version.plugin.configure(settings));
    },
    close: () => this.close(),
  };

  swap(next: NextVersion): Promise<void> {
    if (this.#fault === 'two changes race') return this.#swap(next);
    const swapped = this.#turn.then(() => this.#swap(next));
    this.#turn = swapped.catch(() => undefined);
    return swapped;
  }

  async rollback(): Promise<void> {
    if (this.#previous && this.#fault !== 'no way back') await this.swap(this.#previous);
  }

  versions(): number {
    return this.#versions.size;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#fault !== 'version left behind by close') await this.#turn;
    const live = this.#live;
    if (live) await this.#retire(live);
  }

  async #swap(next: NextVersion): Promise<void> {
    const options = { ...this.#options, ...next };
    if (this.#fault === 'refused version takes the old one with it' && next.guest === 'garbage') this.#live = undefined;
    // The first change takes longest, so that changes that race end in the wrong order.
    const turns = this.#slowness;
    this.#slowness = turns === 20 ? 1 : 20;
    await idle(turns);
    const version = this.#open(options);
    try {
      if (this.#fault === 'refused version is in service' && next.guest === 'traps at start') this.#live = version;
      await version.plugin.healthy();
      if (this.#fault !== 'version without tools accepted') await version.plugin.tools();
      if (this.#settings && this.#fault !== 'settings lost on change') await version.plugin.configure(this.#settings);
    } catch (error) {
      await this.#retire(version);
      throw error;
    }
    if (this.#closed && this.#fault !== 'version left behind by close') {
      await this.#retire(version);
      throw new Error('closed meanwhile');
    }
    const old = this.#live;
    if (this.#fault === 'moment without a version') {
      this.#live = undefined;
      await idle(3);
    }
    const goLive = (): void => {
      this.#live = version;
      this.#previous = this.#current;
      this.#current = options;
      if (old) void this.#drain(old);
    };
    if (this.#fault === 'swap that is done too early') setImmediate(goLive);
    else goLive();
  }

  /** Waiters on the old version are sent to the new one; whoever is inside finishes there. */
  async #drain(old: Version): Promise<void> {
    old.retired = true;
    if (this.#fault === 'old version never let go') await old.plugin.close();
    else await this.#retire(old);
  }

  async #retire(version: Version): Promise<void> {
    await version.plugin.close();
    this.#versions.delete(version);
  }

  #execute(
    tool: string,
    args: Readonly<Record<string, unknown>>,
    options: SubjectCallOptions = {},
  ): Promise<ToolResult> {
    return this.#on(async (version) => {
      let started = false;
      const onStart = (): void => {
        started = true;
      };
      const answer = await version.plugin.execute(tool, args, { ...options, onStart });
      const turnedAway = answer.isError && !started && version.retired && this.#fault !== 'waiting call is lost';
      return turnedAway ? this.#execute(tool, args, options) : answer;
    });
  }

  async #on<T>(work: (version: Version) => Promise<T>): Promise<T> {
    const version = this.#live;
    if (!version) throw new Error('no version is in service');
    return work(version);
  }

  #open(options: CreateModuleOptions): Version {
    const plugin = new ReferencePlugin(
      options,
      this.#fault === 'old version closed under its caller' ? 'close cuts the running call' : undefined,
    );
    const version = { plugin, retired: false };
    this.#versions.add(version);
    return version;
  }
}
