import { type ApprovalListRecord, approvalListRecords, type ListedApproval } from '../state/approval-list-record.ts';
import { type ApprovalRecord, approvalRecords } from '../state/approval-record.ts';
import { type RecordKey, Records } from '../state/records.ts';
import type { StateStore } from '../state/state-store.ts';

/** How long a question waits, and an approval holds, in milliseconds. */
export const APPROVAL_MS: number = 5 * 60_000;

/** Calls of one principal, and of all, that may wait at a time. */
const MAX_OF_ONE = 50;
const MAX_WAITING = 1_000;

/** A call waits as long, and holds as long once it is decided on. */
const LISTED_MS = 2 * APPROVAL_MS;

const LIST: RecordKey = [];

/** Calls that wait to be approved, in the state store: all gateways that share it know of them, and one of them makes each. Everything rejects with GATEWAY_STATE where the store fails. */
export class WaitingCalls {
  readonly #calls: Records<ApprovalRecord>;
  readonly #list: Records<ApprovalListRecord>;
  /** One change of the list after another: many at once would only make each other try again. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: StateStore) {
    this.#calls = new Records(store, approvalRecords);
    this.#list = new Records(store, approvalListRecords);
  }

  /** What is known of a call. Where it is approved, it is used up: of several who look, one is told so. */
  async take(key: string): Promise<ApprovalRecord | undefined> {
    let found: ApprovalRecord | undefined;
    await this.#calls.update([key], (now) => {
      found = now;
      return now?.state === 'approved' ? undefined : now;
    });
    return found;
  }

  /** Puts back what was taken and not used, for as long as it holds. What was decided on such a call meanwhile stays; one that waits, waits no longer. */
  async giveBack(key: string, call: ApprovalRecord, holdsMs: number): Promise<void> {
    if (holdsMs <= 0) return;
    const put = await this.#calls.update([key], (now) => (now && now.state !== 'waiting' ? now : call), holdsMs);
    if (put === call) await this.enlist(key, call);
  }

  /** Lets a call wait. `there` where another gateway was first, `too many` where it may not. */
  async add(key: string, call: ApprovalRecord): Promise<'added' | 'there' | 'too many'> {
    if (!(await this.#calls.create([key], call, APPROVAL_MS))) return 'there';
    try {
      if (await this.enlist(key, call)) return 'added';
    } catch (error) {
      await this.#calls.delete([key]).catch(() => undefined);
      throw error;
    }
    await this.#calls.delete([key]);
    return 'too many';
  }

  /**
   * Has a call that waits in the list. It may be missing there: whoever wrote it may have died before it was listed.
   *
   * @returns false where too many wait.
   */
  async enlist(key: string, { id, principal }: ApprovalRecord): Promise<boolean> {
    const tried = await this.#tryToEnlist({ id, key, principal });
    if (tried) return true;
    // Those that were made or forgotten count no longer.
    await this.all();
    return this.#tryToEnlist({ id, key, principal });
  }

  /** All that wait or were decided on, oldest first. */
  async all(): Promise<readonly ApprovalRecord[]> {
    const { calls } = (await this.#list.get(LIST)) ?? { calls: [] };
    const found = await Promise.all(calls.map(({ key }) => this.#calls.get([key])));
    const isGone = ({ id }: ListedApproval, index: number): boolean => found[index]?.id !== id;
    const gone = new Set(calls.filter(isGone).map(({ id }) => id));
    if (gone.size > 0) await this.#changeList((listed) => listed.filter(({ id }) => !gone.has(id)));
    return found.filter((one, index): one is ApprovalRecord => one !== undefined && !gone.has(calls[index]?.id ?? ''));
  }

  /**
   * Decides on a call once.
   *
   * @param decided - Gives the call as it is from now on; what it throws is thrown.
   */
  async decide(id: string, decided: (call: ApprovalRecord | undefined) => ApprovalRecord): Promise<ApprovalRecord> {
    const { calls } = (await this.#list.get(LIST)) ?? { calls: [] };
    const { key } = calls.find((one) => one.id === id) ?? {};
    if (key === undefined) return decided(undefined);
    let after: ApprovalRecord | undefined;
    const change = (now: ApprovalRecord | undefined): ApprovalRecord => {
      after = decided(now?.id === id ? now : undefined);
      return after;
    };
    await this.#calls.update([key], change, APPROVAL_MS);
    return after as ApprovalRecord;
  }

  async #tryToEnlist(one: ListedApproval): Promise<boolean> {
    let isListed = false;
    await this.#changeList((calls) => {
      isListed = calls.some(({ id }) => id === one.id);
      if (isListed) return calls;
      const isTooMany =
        calls.length >= MAX_WAITING ||
        calls.filter(({ principal }) => principal === one.principal).length >= MAX_OF_ONE;
      isListed = !isTooMany;
      return isTooMany ? calls : [...calls, one];
    });
    return isListed;
  }

  #changeList(change: (calls: readonly ListedApproval[]) => readonly ListedApproval[]): Promise<unknown> {
    const turn = this.#turn.then(() =>
      this.#list.update(
        LIST,
        (now) => {
          const before = now?.calls ?? [];
          const calls = change(before);
          return calls === before ? now : { ...now, calls };
        },
        LISTED_MS,
      ),
    );
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
