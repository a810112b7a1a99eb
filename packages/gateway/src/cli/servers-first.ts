import type { Gateway } from '../gateway-contract.ts';

const SERVERS_MS = 15_000;

/**
 * Waits for the servers of a gateway beside which others serve, before it listens: a balancer that asks nobody for health sends calls from then on, and they go to the others until
 * then. A server that takes longer than 15 s, or cannot be reached, keeps nobody from listening.
 */
export async function serversFirst(gateway: Pick<Gateway, 'started'>, stopped: Promise<void>): Promise<void> {
  await Promise.race([gateway.started(SERVERS_MS), stopped]);
}
