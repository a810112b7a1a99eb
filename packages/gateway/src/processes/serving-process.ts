import type { ProcessLink } from '../process-link.ts';

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** One of the processes that serve together, as the one sees it that keeps them. */
export interface ServingProcess {
  /** From 1; of those that run at the same moment no two have the same. */
  readonly number: number;
  readonly pid: number | undefined;
  readonly link: ProcessLink;
  /** Resolves when it could serve, and waits to be told. */
  readonly prepared: Promise<unknown>;
  /** Resolves when it serves, and never where it ends before. */
  readonly ready: Promise<unknown>;
  /** Resolves when it is gone. */
  readonly ended: Promise<ProcessEnd>;
  /** Lets it listen, now or once it is prepared. Idempotent. */
  listen(): void;
  kill(signal: NodeJS.Signals): void;
}
