/** What a span says about its request. */
export type TraceAttributes = Readonly<Record<string, string>>;

/** Trace context as it travels in `_meta`. */
export type TraceMeta = Readonly<Record<string, string>>;

/** The span of one request, from the client's to the upstream's side. */
export interface RequestSpan {
  /** What goes into `_meta` of the request sent on, so that the upstream's spans hang below this one. */
  readonly meta: TraceMeta;
  end(attributes: TraceAttributes, failure?: string): void;
}

export interface Tracing {
  /** Starts a span below the one whose context stands in the client's `_meta`, if any does. */
  start(name: string, attributes: TraceAttributes, clientMeta: unknown): RequestSpan;
  /** Sends what is left, and stops. */
  close(): Promise<void>;
}

const NO_SPAN: RequestSpan = { meta: {}, end() {} };

/** Hands the client's own trace context through untouched, which is what `_meta` does by itself. */
export const noTracing: Tracing = { start: () => NO_SPAN, close: async () => {} };
