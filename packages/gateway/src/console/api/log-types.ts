export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogLine {
  /** Grows; begins anew with each start of the gateway. */
  readonly id: number;
  readonly time: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface LogFilter {
  /** Lines after this id. */
  readonly after?: number;
  /** The least severe. @default debug */
  readonly level?: LogLevel;
  /** Only lines that name this server, plugin or guard. */
  readonly server?: string;
}

export interface LogPage {
  /** The oldest first; at most the last 1,000 that the gateway wrote. */
  readonly lines: readonly LogLine[];
  /** The newest id there is. */
  readonly last: number;
  /** Another value after each start of the gateway. */
  readonly boot: string;
}
