/** A case of a variant of `wasi:http`: a method, a scheme, what is wrong with a header. */
export interface HttpCase {
  readonly tag: string;
  readonly val?: string;
}

/** A case of its `error-code`. */
export interface HttpError {
  readonly tag: string;
  readonly val?: unknown;
}
