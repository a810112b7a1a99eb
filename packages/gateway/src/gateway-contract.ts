import type { Embed } from './catalog/search/meanings.ts';
import type { LockgateFile } from './config/schema.ts';
import type { Redact } from './config/secrets.ts';
import type { PinDesk } from './consent/pin-report.ts';
import type { ConsoleSupport } from './console/console-sources.ts';
import type { OtherProcesses } from './gateway-processes.ts';
import type { GatewayStatus } from './gateway-status.ts';
import type { Logger } from './logger.ts';
import type { Decision } from './monitor/decision.ts';
import type { ServeStdioOptions } from './serve-stdio-options.ts';

export interface GatewayOptions {
  /** How long clients that come early wait for servers that are still starting. @default 5_000 */
  readonly startWindowMs?: number;
  /** @default silent */
  readonly logger?: Logger;
  /**
   * Takes secrets out of what is told about servers: in errors, in health, in their state.
   *
   * @default masks what the configuration has in secret places, such as "env" and "headers"
   */
  readonly redact?: Redact;
  /** Receives all that the reference monitor knew and decided of each call: tags and counts, never contents. */
  readonly onDecision?: (decision: Decision) => void;
  /**
   * What the console and the admin socket need of the program around the gateway. With it `/console` is served as "gateway.console" says.
   *
   * @default neither is there
   */
  readonly console?: ConsoleSupport;
  /** Ranks what the tool `search` finds by meaning as well as by words. @default by words alone */
  readonly embed?: Embed;
  /** The others, where it is one of several processes that serve together. @default it is alone */
  readonly processes?: OtherProcesses;
}

/** A gateway that has been made; it serves once `listen` or `serveStdio` is called. */
export interface Gateway extends AsyncDisposable {
  /**
   * Resolves when every server and plugin has started or failed to, or `startWindowMs` after the gateway was made.
   *
   * @param mostMs - Waits so many milliseconds at most, in place of that window.
   */
  started(mostMs?: number): Promise<void>;
  /**
   * Listens at "gateway.listen".
   *
   * @throws GATEWAY_LISTEN when it cannot; GATEWAY_CONFIG when it would let everybody in from other machines.
   */
  listen(): Promise<{ readonly url: string }>;
  /**
   * Serves one client until it goes: over stdin and stdout, or another transport; everything, a profile, or one server as it is.
   *
   * @throws GATEWAY_CLIENT_UNREAD when it was given up, since it read nothing of more than may wait for it.
   */
  serveStdio(options?: ServeStdioOptions): Promise<void>;
  /**
   * Applies the difference to a changed configuration, and reads certificates again; what is the same goes on undisturbed.
   *
   * @throws GATEWAY_CONFIG when it cannot be used, or names a module by "path" that could not be served; what was served
   *   stays. GATEWAY_CLOSED.
   */
  reconfigure(next: LockgateFile): Promise<void>;
  status(): GatewayStatus;
  /** What this process counts, in Prometheus' text format. */
  metrics(): Promise<string>;
  /** What is approved of what servers offer, and what waits to be. */
  readonly pins: PinDesk;
  /** Goes on with a new audit log where somebody has moved the file away. */
  reopenLogs(): void;
  /**
   * Gives up what a caller has read and counted without a session, which nothing else does; false where that is nothing. It is the operator's to do, never an
   * agent's.
   *
   * @throws GATEWAY_STATE when the store keeps it; GATEWAY_CLOSED.
   */
  resetCaller(name: string): Promise<boolean>;
  /** A fresh address that signs in to the console once, within ten minutes; undefined where none would be taken. It is a secret of whoever started the gateway. */
  signInLink(): string | undefined;
  /**
   * Makes others take over. "/health/ready" says 503 at once; what comes is answered as before. After "gateway.drainMs", where others share its state, nobody can
   * connect any more, and each answer ends its connection; where it shares nothing, each answer does so from the beginning. Resolves when all have gone or fallen silent; `close` is then to be called. Idempotent.
   */
  leave(): Promise<void>;
  /** Takes no new work, lets running calls finish for "gateway.shutdownTimeoutMs", and ends everything. Idempotent. */
  close(): Promise<void>;
}
