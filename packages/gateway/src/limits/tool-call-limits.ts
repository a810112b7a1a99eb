import type { KeptRecord } from '../state/kept-record.ts';
import type { QuotaRecord } from '../state/quota-record.ts';
import { CallLimitError } from './call-limit-error.ts';

/** Counts a session's calls of limited tools. Counted by compare-and-set: two calls cannot take the last place both. */
export class ToolCallLimits {
  readonly #quota: KeptRecord<QuotaRecord>;

  constructor(quota: KeptRecord<QuotaRecord>) {
    this.#quota = quota;
  }

  /**
   * Takes one call off the limit of a tool.
   *
   * @param limit - Calls that the session may make.
   * @throws GATEWAY_TOOL_CALL_LIMIT when none is left, and GATEWAY_STATE when that cannot be known; the backend is then not called.
   */
  async take(server: string, tool: string, limit: number): Promise<void> {
    await this.#quota.update((now) => {
      const others = now?.used.filter((use) => use.server !== server || use.tool !== tool) ?? [];
      const used = now?.used.find((use) => use.server === server && use.tool === tool);
      const calls = used?.calls ?? 0;
      if (calls >= limit) throw new CallLimitError({ server, tool, limit, isOfSession: this.#quota.isOfSession });
      return { ...now, used: [...others, { ...used, server, tool, calls: calls + 1 }] };
    });
  }

  /**
   * Gives back what `take` took.
   *
   * @throws GATEWAY_STATE when that cannot be done; the call stays counted then.
   */
  async giveBack(server: string, tool: string): Promise<void> {
    await this.#quota.update(
      (now) =>
        now && {
          ...now,
          used: now.used.map((use) =>
            use.server === server && use.tool === tool ? { ...use, calls: Math.max(0, use.calls - 1) } : use,
          ),
        },
    );
  }

  /** Whether anything was counted, as far as this process knows. */
  get isKept(): boolean {
    return this.#quota.isKept;
  }

  /** Counts from 0 again; false where nothing was counted. */
  startOver(): Promise<boolean> {
    return this.#quota.startOver({ used: [] });
  }

  /** Forgets what was counted, with the session. */
  forget(): Promise<void> {
    return this.#quota.delete();
  }
}
