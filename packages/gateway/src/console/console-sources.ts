import type { Loader } from '@lockgate/loader';
import type { Fetch } from '../access/ask-issuer.ts';
import type { Endpoints } from '../call/endpoints.ts';
import type { Pipeline } from '../call/pipeline.ts';
import type { ServedList } from '../call/served.ts';
import type { ConfigDifference } from '../config/difference.ts';
import type { ExplainedValue } from '../config/explain.ts';
import type { GatewayConfig } from '../config/schema.ts';
import type { Redact } from '../config/secrets.ts';
import type { PinDesk } from '../consent/pin-report.ts';
import type { ApprovalDesk } from '../consent/waiting-approval.ts';
import type { Logger } from '../logger.ts';
import type { Logins } from '../login/logins.ts';
import type { GuardStatus } from '../monitor/guard-status.ts';
import type { MonitorService } from '../monitor/monitor-service.ts';
import type { Observer } from '../observer.ts';
import type { OtherConfigurations } from '../replicas/other-configurations.ts';
import type { Sessions } from '../session/sessions.ts';
import type { UpstreamStatus } from '../upstream/upstream.ts';
import type { ConfigurationProblem, ConfigurationReloaded, Tick } from './api.ts';

/** What the console shows and does, as composition hands it in. */
export interface ConsoleSources {
  /** The configuration that runs now. */
  readonly config: () => GatewayConfig;
  readonly status: () => ConsoleStatus;
  /** Number of the process, where several serve together. */
  readonly process: number | undefined;
  /** Lines of the audit log that could not be written since the start. */
  readonly auditLost: () => number;
  /** Gateways that share the state store and are configured in another way. */
  readonly otherConfigurations: Pick<OtherConfigurations, 'list'>;
  readonly served: ServedList;
  readonly endpoints: Endpoints;
  readonly pipeline: Pipeline;
  readonly monitor: Pick<MonitorService, 'agents' | 'ruleOf' | 'isActive' | 'evict'>;
  readonly sessions: Pick<Sessions, 'all'>;
  readonly logins: { readonly logins: Logins };
  readonly control: UpstreamControl;
  readonly approvals: ApprovalDesk;
  readonly pins: Pick<PinDesk, 'report' | 'approve' | 'forget'>;
  /** Told what operators do. */
  readonly observer: Pick<Observer, 'operated'>;
  /** Undefined as long as the gateway has needed no guest. */
  readonly loader: () => Pick<Loader, 'list' | 'reload' | 'rollback'> | undefined;
  readonly logger: Logger;
  /** Takes secrets out of what is told. */
  readonly redact: Redact;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that only go up. */
  readonly monotonicNow: () => number;
  /** Asks the OpenID provider. */
  readonly fetch: Fetch;
}

export interface ConsoleStatus {
  readonly state: 'running' | 'closing' | 'closed';
  readonly upstreams: readonly UpstreamStatus[];
  readonly guards: readonly GuardStatus[];
  readonly sessions: number;
  readonly running: number;
}

/** What can be done with servers and plugins while the configuration stays as it is. */
export interface UpstreamControl {
  /** Names of those that somebody has switched off; the next start of the gateway knows nothing of it. */
  readonly disabled: ReadonlySet<string>;
  /** Each resolves when it has been begun: running calls end by themselves, and what starts is told by its state. */
  restart(name: string): Promise<void>;
  disable(name: string): Promise<void>;
  enable(name: string): Promise<void>;
}

/** What only the program that runs the gateway can give; what is absent is said to be not available. */
export interface ConsoleSupport {
  readonly log?: LogLines | undefined;
  readonly configuration?: ConfigurationAccess | undefined;
  /** Socket of the process that keeps this one and others: it has the sessions, and is asked in this one's place. Absent where this one serves alone. */
  readonly keeper?: string | undefined;
  /** Told how the gateway did in each second, where the console is served. */
  readonly onTick?: (tick: Tick) => void;
  /** Where the admin socket is; none where absent. */
  readonly adminSocket?: string | undefined;
  /** Told when the admin socket is open; never where it cannot be. */
  readonly onSocketOpen?: () => void;
}

/** The last lines of the log, each JSON. Numbers grow by one. */
export interface LogLines {
  readonly first: number;
  readonly last: number;
  at(number: number): string | undefined;
}

/** The configuration's file, and what becomes of it. */
export interface ConfigurationAccess {
  /** The file's path, or `stdin`. */
  readonly source: string;
  /** What makes a command of lockgate mean it, with a space before it. */
  readonly flag: string;
  /** Every value of what the file says now. Rejects with GATEWAY_CONFIG where it cannot be used. */
  explain(): Promise<{ readonly values: readonly ExplainedValue[]; readonly notes: readonly string[] }>;
  readonly waitsForRestart: readonly string[];
  /** Reads the file again and applies it. */
  reload(): Promise<ReloadOutcome>;
  /** The file's text as somebody may edit it; undefined where there is none, or where its secrets cannot be told apart. */
  text(): Promise<EditableText | undefined>;
  check(text: string): Promise<CheckedText>;
  /**
   * Writes the file, with what it was beside it, and applies it. What cannot be applied is not left there.
   *
   * @throws ApiFailure where the file has changed since `revision` was read.
   */
  change(
    text: string,
    revision: string,
  ): Promise<ReloadOutcome & { readonly backup: string; readonly revision: string }>;
}

export interface ReloadOutcome {
  readonly isApplied: boolean;
  readonly problems: readonly ConfigurationProblem[];
  readonly difference?: ConfigDifference | undefined;
  readonly waitsForRestart: readonly string[];
  readonly appliedBefore?: ConfigurationReloaded['appliedBefore'] | undefined;
  readonly replaced?: number | undefined;
}

export interface EditableText {
  readonly text: string;
  readonly format: 'json' | 'yaml';
  readonly revision: string;
}

export interface CheckedText {
  readonly problems: readonly ConfigurationProblem[];
  readonly notes: readonly string[];
  readonly difference?: ConfigDifference | undefined;
  readonly waitsForRestart: readonly string[];
}
