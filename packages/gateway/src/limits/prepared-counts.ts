import type { CountedCall } from './counted-call.ts';

/** Kinds of calls that are remembered. */
const MAX_KEPT = 10_000;

type ByTool<T> = Map<string, T>;

/** Remembers something of each kind of call, by names that may be any text, and makes none of them. */
export class PreparedCounts<T> {
  readonly #ofTools = new Map<string, Map<string, ByTool<T>>>();
  readonly #ofOthers = new Map<string, Map<string, ByTool<T>>>();
  #size = 0;

  get({ principal, server, tool, isToolCall }: CountedCall): T | undefined {
    return (isToolCall ? this.#ofTools : this.#ofOthers).get(principal)?.get(server)?.get(tool);
  }

  set({ principal, server, tool, isToolCall }: CountedCall, prepared: T): void {
    if (this.#size >= MAX_KEPT) this.clear();
    const byPrincipal = isToolCall ? this.#ofTools : this.#ofOthers;
    const byServer = byPrincipal.get(principal) ?? new Map<string, ByTool<T>>();
    byPrincipal.set(principal, byServer);
    const byTool = byServer.get(server) ?? new Map<string, T>();
    byServer.set(server, byTool);
    if (!byTool.has(tool)) this.#size++;
    byTool.set(tool, prepared);
  }

  clear(): void {
    this.#ofTools.clear();
    this.#ofOthers.clear();
    this.#size = 0;
  }
}
