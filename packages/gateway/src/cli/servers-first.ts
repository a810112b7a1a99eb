/**
 * How long a gateway beside which others serve waits for its servers before it listens, in milliseconds: a balancer that asks nobody for health sends calls from then on, and
 * they go to the others until then. One that takes longer, or cannot be reached, keeps nobody from listening.
 */
export const SERVERS_MS = 15_000;
