/** The last version with lists of messages, and the only one. Source: MCP specification 2025-03-26, "Batching"; changes of 2025-06-18. */
export const LAST_BATCH_VERSION = '2025-03-26';

/** Why a list of messages is not taken, and what to send instead; undefined stands for no session. */
export function noBatches(version: string | undefined): string {
  const own = version === undefined ? '' : `, and this one has ${version}`;
  return `Invalid Request: a list of messages (a batch) is taken in sessions of protocol version ${LAST_BATCH_VERSION} alone${own}; send each message by itself`;
}
