import type { ToolCallLimits } from '../limits/tool-call-limits.ts';
import type { GrantRecord } from '../state/agent-labels-record.ts';
import { grantOf, type IsInForce, labelOf, withGiven, withGrant, withRead } from './agent.ts';
import type { AgentLabels } from './agent-labels.ts';
import type { CallLook, Look } from './call-look.ts';
import type { AgentLabel, Label } from './label.ts';
import type { LabelGuard, Mode, Rule } from './rule.ts';

export type GuardRule = Extract<Rule, { kind: 'guard' }>;

interface Asking {
  readonly policyHash: string;
  readonly mode: Promise<Mode>;
}

/** How a guard labels an agent. */
export interface Labelling {
  readonly mode: Mode;
  readonly before: AgentLabel;
  /** The grant that this process remembers and nobody has looked at now: whoever goes by it looks before anything is decided. */
  readonly remembered?: GrantRecord | undefined;
}

/** A grant that an agent must still have when its labels are looked at; `again` has it granted anew. */
export interface AwaitedGrant {
  readonly grant: GrantRecord;
  readonly again: () => Promise<void>;
}

/** What a call knows of its agent. */
export interface CallSight {
  readonly awaited?: AwaitedGrant | undefined;
  /** What it has seen already, which costs no round trip again. */
  readonly seen?: CallLook | undefined;
}

/** What is decided by an agent's labels, and the secrecy that the agent is given with it by right of its grants. */
export interface Giving<T> {
  readonly outcome: T;
  readonly given: readonly string[];
  /** Whether any of it is withheld. */
  readonly isLess: boolean;
}

export interface MonitorSessionParts {
  readonly own: AgentLabels;
  /** What the principal has read without a session, where this is one. */
  readonly principal?: AgentLabels;
  readonly limits: ToolCallLimits;
  readonly isInForce: IsInForce;
  /** Tells other processes that the agent may read less than before. */
  readonly tell: () => Promise<void>;
  /** Whether this process hears of it where others do that. */
  readonly hears: () => boolean;
  /** Milliseconds since any moment, never going back. */
  readonly now: () => number;
  /** Called each time the last of the calls has ended. */
  readonly onIdle?: () => void;
}

/**
 * One agent in this process: its labels and counts are records of the state store, and live here are only the guards that are being asked for its labels
 * and the calls that are running.
 */
export class MonitorSession {
  readonly #parts: MonitorSessionParts;
  readonly #asking = new Map<string, Asking>();
  /** As this process saw them last. */
  #last: Look | undefined;
  #calls = 0;
  #idle = Promise.withResolvers<void>();

  constructor(parts: MonitorSessionParts) {
    this.#parts = parts;
  }

  get limits(): ToolCallLimits {
    return this.#parts.limits;
  }

  /** Calls that are on their way through the monitor. */
  get calls(): number {
    return this.#calls;
  }

  /** Resolves when the last of the calls has ended. */
  get idle(): Promise<void> {
    return this.#idle.promise;
  }

  /** Whether there are records of it, as far as this process knows. */
  get isKept(): boolean {
    return this.#parts.own.isKept || this.limits.isKept;
  }

  async during<T>(call: () => Promise<T>): Promise<T> {
    if (this.#calls++ === 0) this.#idle = Promise.withResolvers();
    try {
      return await call();
    } finally {
      if (--this.#calls === 0) {
        this.#idle.resolve();
        this.#parts.onIdle?.();
      }
    }
  }

  /**
   * Does something with the agent's labels as they are now. `work` is called at once when they are known: whatever it begins synchronously sees every
   * change of a call of this process that was completed before, and every change of other processes that the store had when it was asked. One round trip, or none
   * where the call has looked before.
   */
  withLabel<T>(work: (label: AgentLabel) => T | Promise<T>, sight?: CallSight): Promise<T> {
    return this.#atOnce((look) => work(this.#labelOf(look)), sight);
  }

  /** Whether a check would let the agent pass as this process saw it last: a guess, which decides nothing. */
  expects(check: (label: AgentLabel) => void): boolean {
    try {
      if (this.#last) check(this.#labelOf(this.#last));
      return this.#last !== undefined;
    } catch {
      return false;
    }
  }

  /**
   * Decides on a reading by the agent's labels as they are now, and notes secrecy that the agent is given by right of its grants, so that it cannot carry it out when
   * they have gone. What was noted before costs nothing. Nothing is withheld by what a call has seen earlier: what its agent has read elsewhere since may have raised its labels.
   *
   * @param work - May be called twice.
   */
  async withGiven<T>(work: (label: AgentLabel) => Giving<T>, sight?: CallSight): Promise<T> {
    const decide = (look: Look) => {
      const giving = work(this.#labelOf(look));
      return { ...giving, isNew: giving.given.length > 0 && withGiven(look.record, giving.given) !== look.record };
    };
    const hadSeen = sight?.seen?.find(this.#changes, this.#parts.now()) !== undefined;
    let decided = await this.#atOnce(decide, sight);
    if (decided.isLess && hadSeen) {
      sight?.seen?.forget();
      decided = await this.#atOnce(decide, sight);
    }
    const { outcome, given, isNew } = decided;
    if (isNew) await this.#parts.own.change((now) => withGiven(now, given));
    return outcome;
  }

  /**
   * Has the guard of a server label the agent, once per policy; calls that come meanwhile wait for the same answer. A
   * failure is not kept. The waiting is not ended by one caller's signal, since others may wait too.
   *
   * @param isAnew - Whether the store is asked, though this process remembers a grant.
   * @param seen - Keeps what was found.
   */
  async labelOnce(
    server: string,
    { policy, policyHash }: GuardRule,
    guard: LabelGuard,
    isAnew = false,
    seen?: CallLook,
  ): Promise<Labelling> {
    const { own } = this.#parts;
    const remembered = isAnew ? undefined : grantOf(this.#last?.record, server);
    if (this.#last && remembered?.policyHash === policyHash) {
      return { mode: remembered.mode, before: this.#labelOf(this.#last), remembered };
    }
    const look = await this.#look(seen);
    const before = this.#labelOf(look);
    const granted = grantOf(look.record, server);
    if (granted?.policyHash === policyHash) return { mode: granted.mode, before };
    const known = this.#asking.get(server);
    if (known?.policyHash === policyHash) return { mode: await known.mode, before };
    const isLatest = (): boolean => this.#asking.get(server) === asking;
    const label = async (): Promise<Mode> => {
      try {
        const { agent, difcMode: mode } = await guard.labelAgent(policy);
        const { secrecy, integrity } = agent;
        // An answer for a policy that was replaced meanwhile grants nothing.
        await own.change((now) =>
          isLatest() ? withGrant(now, { server, policyHash, mode, secrecy, integrity }) : now,
        );
        // Secrecy that is granted takes nothing away.
        if (granted || integrity.length > 0) await this.#parts.tell();
        return mode;
      } finally {
        if (isLatest()) this.#asking.delete(server);
      }
    };
    const asking: Asking = { policyHash, mode: label() };
    this.#asking.set(server, asking);
    return { mode: await asking.mode, before };
  }

  /** Folds in what the agent is given to read; its labels afterwards. */
  async fold(read: Label, sight?: CallSight): Promise<AgentLabel> {
    const look = await this.#atOnce((found) => found, sight);
    if (look.record && withRead(look.record, read) === look.record) return this.#labelOf(look);
    const record = await this.#parts.own.change((now) => withRead(now, read));
    return this.#labelOf({ ...look, record });
  }

  /** Gives up labels and counts, with the session. */
  async forget(): Promise<void> {
    this.#last = undefined;
    await Promise.all([this.#parts.own.delete(), this.limits.forget()]);
  }

  /** Gives up labels and counts and goes on; false where there were none. */
  async startOver(): Promise<boolean> {
    this.#last = undefined;
    const found = await Promise.all([this.#parts.own.startOver(), this.limits.startOver()]);
    await this.#parts.tell();
    return found.includes(true);
  }

  /** Another process has changed its labels, or may have. */
  changedElsewhere(): void {
    this.#parts.own.changedElsewhere();
  }

  get #changes(): number {
    const { own, principal } = this.#parts;
    return own.changes + (principal?.changes ?? 0);
  }

  /**
   * Does something at once with records that nobody here has changed since the store was asked.
   *
   * @param sight - With a grant that is had again once where it is gone; one whose policy is not that of now is missed by nobody.
   */
  async #atOnce<T>(work: (look: Look) => T | Promise<T>, { awaited, seen }: CallSight = {}): Promise<T> {
    let missing = awaited;
    for (;;) {
      const changes = this.#changes;
      const look = seen?.find(changes, this.#parts.now()) ?? (await this.#look(seen));
      if (changes !== this.#changes) continue;
      if (missing && this.#parts.isInForce(missing.grant) && !holds(look, missing.grant)) {
        const { again } = missing;
        missing = undefined;
        seen?.forget();
        await again();
        continue;
      }
      // Keep `work` here, with no await before it: a caller that awaits the label would look at an older one.
      return work(look);
    }
  }

  /** Asks the store. */
  async #look(seen?: CallLook): Promise<Look> {
    const { own, principal, now, hears } = this.#parts;
    const [changes, at, isKept] = [this.#changes, now(), hears()];
    const [record, ofPrincipal] = await Promise.all([own.get(), principal?.get()]);
    this.#last = { record, ofPrincipal };
    if (isKept) seen?.keep(this.#last, changes, at);
    return this.#last;
  }

  #labelOf({ record, ofPrincipal }: Look): AgentLabel {
    return labelOf(record, this.#parts.isInForce, ofPrincipal);
  }
}

function holds({ record }: Look, { server, policyHash }: GrantRecord): boolean {
  return grantOf(record, server)?.policyHash === policyHash;
}
