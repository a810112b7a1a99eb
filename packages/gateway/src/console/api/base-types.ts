export interface ApiError {
  readonly error: {
    /** A stable word, such as `NOT_SIGNED_IN`, `ROLE`, `CSRF`, `ORIGIN`, `TOO_MANY_ATTEMPTS`, `NOT_FOUND`, `NOT_AVAILABLE`, `BAD_REQUEST`. */
    readonly code: string;
    /** A sentence for people. */
    readonly message: string;
    /** What to do about it. */
    readonly remedy?: string;
  };
}

/** A viewer may look at all but what an operator may change. */
export type Role = 'viewer' | 'operator';
