import type { Need } from './client.ts';

/** An entry of Lockgate that is being made from one of a client. */
export interface Draft {
  readonly entry: Record<string, unknown>;
  readonly remarks: Set<string>;
  readonly needs: Need[];
  /** What the client calls the transport, where it says. */
  transport: 'stdio' | 'http' | 'sse' | undefined;
  /** Why there can be no entry. */
  leftOut: string | undefined;
}

export function newDraft(): Draft {
  return { entry: {}, remarks: new Set(), needs: [], transport: undefined, leftOut: undefined };
}
