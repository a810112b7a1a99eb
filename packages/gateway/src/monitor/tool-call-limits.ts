import { CallLimitError } from './denial.ts';

/** Counts a session's calls of limited tools. Synchronous: two calls cannot take the last place both. */
export class ToolCallLimits {
  readonly #used = new Map<string, number>();

  /**
   * Takes one call off the limit of a tool.
   *
   * @param limit - Calls that the session may make; 0 or undefined means no limit.
   * @throws GATEWAY_TOOL_CALL_LIMIT when none is left; the backend is then not called.
   */
  take(server: string, tool: string, limit: number | undefined): void {
    if (!limit) return;
    const key = JSON.stringify([server, tool]);
    const used = this.#used.get(key) ?? 0;
    if (used >= limit) throw new CallLimitError({ server, tool, limit });
    this.#used.set(key, used + 1);
  }
}
