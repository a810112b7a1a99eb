import type { Check, FindingStatus } from '../../../src/doctor/finding.ts';

/** A configuration, or what it needs of the machine, that does not work. */
export interface RunSetUp {
  readonly what: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** @default none */
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Prepares the folder; what it answers is closed afterwards. */
  readonly prepare?: (folder: string) => Promise<AsyncDisposable | undefined>;
  readonly check: Check;
  /** @default failure */
  readonly status?: FindingStatus;
  readonly cause: string;
  readonly remedy: string;
}

/** The configuration of a set-up, in its file. */
export const configured = (config: object): Readonly<Record<string, string>> => ({
  'lockgate.json': JSON.stringify(config, null, 2),
});
/** Listens nowhere that another test could. */
export const gateway = { listen: '127.0.0.1:0' };
