/**
 * How a client or server speaks: `legacy` opens with a handshake and keeps a session (revisions up to 2025-11-25); in
 * `modern` (2026-07-28) each request stands for itself and says who sends it.
 */
export type Era = 'legacy' | 'modern';

/** The one revision of the modern era. */
export const MODERN_VERSION = '2026-07-28';

/** Revisions of the legacy era, the newest first. */
export const LEGACY_VERSIONS: readonly string[] = [
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
  '2024-10-07',
];

/** Revisions are dates, so their order is that of their texts. */
export function isModernVersion(version: string): boolean {
  return version >= MODERN_VERSION;
}

/** The revision a legacy session speaks: the client's where it is known, else the newest. */
export function negotiateLegacy(requested: string | undefined): string {
  const [newest = ''] = LEGACY_VERSIONS;
  return requested !== undefined && LEGACY_VERSIONS.includes(requested) ? requested : newest;
}

/** Keys of `_meta` that the protocol itself uses. Source: MCP specification 2026-07-28, "Base protocol". */
export const MetaKey = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
} as const;
