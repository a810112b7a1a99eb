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
  | 'two changes race, each as fast as it compiles'
  | 'running call made again'
  | 'settings lost on change'
  | 'no way back'
  | 'waiting call is lost'
  | 'old version never let go'
  | 'version left behind by close'
  | 'live before it is configured'
  | 'settings lost on the second change'
  | 'settings of its time on rollback'
  | 'settings lost on rollback'
  | 'refused version never closed'
  | 'every change after a refused one fails'
  | 'configure during a change lost'
  | 'second rollback goes forward';

/** A version that has been in service, and the settings it had. */
interface Known {
  readonly options: CreateModuleOptions;
  settings?: Readonly<Record<string, string>> | undefined;
}

interface Version {
  readonly plugin: ReferencePlugin;
  retired: boolean;
  /** A call that waited has left it. */
  hasMoved: boolean;
}

/** One plugin whose version can be changed while calls run: what the hot-reload suite must accept. */
export class ReferenceReload implements ReloadSubject {
  readonly #options: CreateModuleOptions;
  readonly #fault: ReloadFault | undefined;
  readonly #versions = new Set<Version>();
  #live: Version | undefined;
  #described: Version | undefined;
  readonly #before: Known[] = [];
  #current: Known;
  #changes = 0;
  #settings: Readonly<Record<string, string>> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #slowness = 20;
  #closed = false;

  constructor(options: CreateModuleOptions, fault?: ReloadFault) {
    this.#options = options;
    this.#current = { options };
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
      this.#current.settings = settings;
      await this.#on((version) => version.plugin.configure(settings));
    },
    close: () => this.close(),
  };

  swap(next: NextVersion): Promise<void> {
    if (this.#fault?.startsWith('two changes race')) return this.#swap(next);
    return this.#inTurn(() => this.#swap(next));
  }

  rollback(): Promise<void> {
    return this.#inTurn(async () => {
      const previous = this.#before.at(-1);
      if (!previous || this.#fault === 'no way back') return;
      if (this.#fault === 'settings of its time on rollback') this.#settings = previous.settings;
      if (this.#fault === 'settings lost on rollback') this.#settings = undefined;
      await this.#swap(previous.options);
      if (this.#fault !== 'second rollback goes forward') this.#before.splice(-2);
    });
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const changed = this.#turn.then(change);
    this.#turn = this.#fault === 'every change after a refused one fails' ? changed : changed.catch(() => undefined);
    this.#turn.catch(() => undefined);
    return changed;
  }

  versions(): number {
    return this.#versions.size;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#fault !== 'version left behind by close') await this.#turn.catch(() => undefined);
    const live = this.#live;
    if (live) await this.#retire(live);
  }

  async #swap(next: NextVersion): Promise<void> {
    const options = { ...this.#options, ...next };
    this.#changes += 1;
    const settingsBefore = this.#settings;
    if (this.#fault === 'refused version takes the old one with it' && next.guest === 'garbage') this.#live = undefined;
    // The first change takes longest, so that changes that race end in the wrong order.
    const turns = this.#slowness;
    this.#slowness = turns === 20 ? 1 : 20;
    if (this.#fault === 'two changes race, each as fast as it compiles') await compiling(next.bytes);
    else await idle(turns);
    const version = this.#open(options);
    let old = this.#live;
    try {
      if (this.#fault === 'refused version is in service' && next.guest === 'traps at start') this.#live = version;
      await version.plugin.healthy();
      if (this.#fault !== 'version without tools accepted') await version.plugin.tools();
      if (this.#fault === 'live before it is configured' && !this.#closed) {
        this.#live = version;
        await idle(5);
      }
      await this.#configure(version, settingsBefore);
    } catch (error) {
      if (this.#fault !== 'refused version never closed') await this.#retire(version);
      throw error;
    }
    if (this.#closed && this.#fault !== 'version left behind by close') {
      await this.#retire(version);
      throw new Error('closed meanwhile');
    }
    if (this.#fault !== 'live before it is configured') old = this.#live;
    if (this.#fault === 'moment without a version') {
      this.#live = undefined;
      await idle(3);
    }
    const goLive = (): void => {
      this.#live = version;
      this.#before.push(this.#current);
      this.#current = { options, settings: this.#settings };
      if (old) void this.#drain(old);
    };
    if (this.#fault === 'swap that is done too early') setImmediate(goLive);
    else goLive();
  }

  /** Gives a version the settings, also those that come meanwhile. */
  async #configure({ plugin }: Version, before: Readonly<Record<string, string>> | undefined): Promise<void> {
    if (this.#fault === 'settings lost on change') return;
    if (this.#fault === 'settings lost on the second change' && this.#changes > 1) return;
    if (this.#fault === 'configure during a change lost') return before && plugin.configure(before);
    let given: Readonly<Record<string, string>> | undefined;
    while (given !== this.#settings) {
      given = this.#settings;
      if (given) await plugin.configure(given);
    }
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
      const again = this.#fault === 'running call made again' && version.hasMoved;
      const waited = answer.isError && !started && version.retired && this.#fault !== 'waiting call is lost';
      version.hasMoved ||= waited;
      const turnedAway = waited || again;
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
    const version = { plugin, retired: false, hasMoved: false };
    this.#versions.add(version);
    return version;
  }
}

/** The larger a version, the longer it takes; in turns, so that no machine is too fast or too busy for it. */
function compiling(bytes: Uint8Array): Promise<void> {
  return idle(bytes.byteLength > 500_000 ? 20 : 1);
}
