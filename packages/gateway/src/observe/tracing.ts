import type { TraceContext } from '../observer.ts';

/** What a span says about its request. */
export type TraceAttributes = Readonly<Record<string, string>>;

/** The span of one request, from the client's to the upstream's side. */
export interface RequestSpan {
  /** What goes into `_meta` of the request sent on, so that the upstream's spans hang below this one. */
  readonly context: TraceContext | undefined;
  /** Another name from now on. */
  rename(name: string): void;
  end(attributes: TraceAttributes, failure?: string): void;
}

export interface Tracing {
  /** Starts a span below the client's, if it has one. */
  start(name: string, attributes: TraceAttributes, client: TraceContext | undefined): RequestSpan;
  /** Sends what is left, and stops. */
  close(): Promise<void>;
}
