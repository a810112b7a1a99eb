import type { Fetch } from '../../access/ask-issuer.ts';
import type { GatewayConfig } from '../../config/schema.ts';
import type { Finding } from '../finding.ts';

export interface MachineFacts {
  readonly config: GatewayConfig;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Now, in milliseconds since 1970: certificates expire by the wall clock. */
  readonly nowMs: number;
  readonly fetch: Fetch;
  /** What makes a command of lockgate mean this configuration, with a space before it. */
  readonly flag: string;
}

/** Looks at one thing that the gateway needs of its machine. Never rejects. */
export type MachineProbe = (facts: MachineFacts) => Promise<readonly Finding[]> | readonly Finding[];
