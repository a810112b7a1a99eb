import type { FindingStatus } from '../../../src/doctor/finding.ts';
import type { RemotePorts } from './remote-servers.ts';

/** What a broken entry may name. */
export interface World {
  /** Where the configuration lies, with the files of {@link FILES} beside it. */
  readonly folder: string;
  readonly ports: RemotePorts;
}

/** One entry of a configuration that does not work, or not as meant. */
export interface EntrySetUp {
  readonly what: string;
  /** @default mcpServers */
  readonly section?: 'plugins' | 'mcpServers';
  readonly entry: (world: World) => object;
  /** @default failure */
  readonly status?: FindingStatus;
  /** Whose finding it is. @default the entry's own */
  readonly ofGuard?: boolean;
  /** Words that the cause has. */
  readonly cause: string;
  /** Words that the remedy has. */
  readonly remedy: string;
}
