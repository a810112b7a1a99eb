import type { CreateModuleOptions, ModuleSubject, SuiteGuest } from '../subjects.ts';
import type { Supports } from '../test-api.ts';
import { Backend } from '../tools/backend.ts';
import { idle } from '../tools/idle.ts';
import { inTime } from '../tools/in-time.ts';
import { suiteGuest } from './suite-guests.ts';

/** The next version of a plugin. */
export interface NextVersion {
  readonly guest: SuiteGuest;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What the hot-reload suite needs: something that has one live version of a plugin, and changes it. */
export interface ReloadSubject {
  /** The stable handle that callers keep. */
  readonly plugin: ModuleSubject;
  /** Resolves as soon as new calls go to the new version, not later; rejects, and changes nothing, when the version is no good. */
  swap(next: NextVersion): Promise<void>;
  /** Back to the version before. */
  rollback?(): Promise<void>;
  /** How many versions are not closed yet. */
  versions?(): number;
  close(): Promise<void>;
}

/** What the hot-reload suite may want of a subject. Everything counts as supported unless it is declared `false`. */
export type ReloadAbility =
  | 'http'
  | 'configure'
  | 'questions'
  | 'rollback'
  /** `versions()` */
  | 'versions'
  /** Calls that wait for their turn on the old version move to the new one. */
  | 'moves';

/** A subject's factory and what it can do. */
export interface HotReloadOptions {
  create(options: CreateModuleOptions): Promise<ReloadSubject>;
  readonly supports?: Supports<ReloadAbility>;
  /** Changes of version in the tests that change often. @default 20 */
  readonly swaps?: number;
}

/** A subject with everything a test wants around it. Leaving its scope opens all gates and closes it. */
export interface OpenReload extends AsyncDisposable {
  readonly subject: ReloadSubject;
  readonly plugin: ModuleSubject;
  readonly backend: Backend;
  /** `bytes` are another build of the same guest. */
  swap(next: SuiteGuest, bytes?: Uint8Array<ArrayBuffer>): Promise<void>;
  /** `execute`, giving the answer's text, and failing when it is an error. */
  say(tool: string, message: string): Promise<string>;
}

/** Creates a subject whose first version is A. */
export async function openReload(options: HotReloadOptions): Promise<OpenReload> {
  const backend = new Backend();
  const guest = 'version A';
  const subject = await options.create({
    guest,
    bytes: suiteGuest(guest),
    fetch: backend.fetch,
    onGuestLog: () => undefined,
    onWarning: () => undefined,
  });
  return {
    subject,
    plugin: subject.plugin,
    backend,
    swap: (next: SuiteGuest, bytes = suiteGuest(next)) => {
      const swapped = subject.swap({ guest: next, bytes });
      swapped.catch(() => undefined); // a test looks at each swap when it is that swap's turn
      return swapped;
    },
    say: (tool: string, message: string) => {
      const said = subject.plugin.execute(tool, { message }).then(({ data, isError }) => {
        if (isError) throw new Error(`"${tool}" answered an error: ${data}`);
        return data;
      });
      said.catch(() => undefined);
      return said;
    },
    [Symbol.asyncDispose]: async () => {
      backend.release();
      await inTime(subject.close(), 'closing the subject at the end of the test');
    },
  };
}

/** Polls in turns of the event loop; only a failure waits for long. */
export async function until(holds: () => boolean, what: string, remedy?: string): Promise<void> {
  let over = false;
  const poll = async (): Promise<void> => {
    while (!over && !holds()) await idle(1);
  };
  try {
    await inTime(poll(), what, remedy);
  } finally {
    over = true;
  }
}
