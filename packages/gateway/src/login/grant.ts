/** An access token, and what is known of its life. */
export interface Held {
  readonly accessToken: string;
  /** Milliseconds since 1970. */
  readonly obtainedAt: number;
  /** Absent where nobody has said when it ends. */
  readonly expiresAt?: number | undefined;
  /** Whether another can be had without anybody's doing. */
  readonly isRenewable: boolean;
}

/** Where the tokens of one credential come from. */
export interface Grant {
  /** What there is already; undefined where there is nothing. */
  read(): Promise<Held | undefined>;
  /**
   * A newer one than `known`, which may have been got by another process meanwhile.
   *
   * @throws LoginNeededError where somebody has to log in; LoginFaultError and GATEWAY_VAULT where it cannot be had now.
   */
  renew(known: Held | undefined): Promise<Held>;
  /** Whether `renew` can give the first one as well, without anybody's doing. */
  readonly givesFirst: boolean;
}
