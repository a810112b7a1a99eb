import type { Connection } from './connection.ts';

/** The use of a connection for one request. */
export interface Lease {
  readonly connection: Connection;
  /** Its client is asked something, and may take long: meanwhile it keeps no other request waiting. The function it answers ends that. */
  pause(): () => void;
  release(): void;
}
