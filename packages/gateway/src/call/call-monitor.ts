/** One call as the reference monitor sees it. Resources and prompts come as the tools `resources/read` and `prompts/get`. */
export interface MonitoredCall {
  readonly server: string;
  readonly agent: { readonly principal: string; readonly session: string };
  readonly tool: string;
  readonly args: unknown;
  readonly signal: AbortSignal;
}

/** What stands between every call and its server. */
export interface CallMonitor {
  /** Lets the call through or throws; gives of its answer what may be given. */
  guarded<T extends object>(call: MonitoredCall, proceed: () => Promise<T>): Promise<T>;
}
