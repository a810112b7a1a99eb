import type { AdminRole } from '../config/auth-section.ts';
import type { Discovery } from '../config/discovery.ts';

/** Who a request comes from. */
export interface Principal {
  readonly kind: 'principal';
  /**
   * The name in logs, the audit log and limits: that of a configured key or certificate, `jwt:<subject>`, `cert:<common
   * name>`, `anonymous` where the gateway asks for nothing. The prefixes keep names that others choose from being taken
   * for configured ones.
   */
  readonly name: string;
  readonly how: 'none' | 'api-key' | 'jwt' | 'certificate';
  /** The servers and plugins this principal sees; absent means all. */
  readonly servers?: readonly string[] | undefined;
  /** The roles that say what of them it may use; absent means everything. */
  readonly roles?: readonly string[] | undefined;
  /** The profile that it is limited to; absent where none limits it. */
  readonly profile?: string | undefined;
  /** What it may do in the console; absent where it opens MCP alone. */
  readonly admin?: AdminRole | undefined;
  /** When its token expires, in milliseconds since 1970; absent of what does not. */
  readonly validUntil?: number | undefined;
  /** How this principal finds tools, where its credential says so. */
  readonly discovery?: Discovery | undefined;
}

/** The refusal of a request before any of its content is read. */
export interface Denial {
  readonly kind: 'denial';
  readonly status: 400 | 401 | 403 | 408 | 413 | 415 | 429 | 503;
  /** Stable word for metrics and the audit log. */
  readonly reason: string;
  /** A sentence for the client. */
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Builds a denial; `headers` are sent with the answer. */
export function deny(
  status: Denial['status'],
  reason: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Denial {
  return { kind: 'denial', status, reason, message, headers };
}
