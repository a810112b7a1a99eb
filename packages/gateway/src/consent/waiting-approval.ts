/** A call that waits for an operator, or that one has decided on. */
export interface WaitingApproval {
  readonly id: string;
  readonly principal: string;
  /** What the client calls itself: its own word. */
  readonly client?: string;
  readonly server: string;
  readonly tool: string;
  /** The arguments, without secrets of the configuration and with hidden characters written out; cut where they are long. */
  readonly arguments: string;
  /** SHA-256 of the whole arguments, in hex. */
  readonly argumentsDigest: string;
  /** Tags of secrecy that leave with it; absent where its rule does not ask about labels. */
  readonly leaving?: readonly string[];
  readonly state: 'waiting' | 'approved' | 'denied';
  /** Milliseconds until it is forgotten. */
  readonly expiresInMs: number;
}

/** What operators do with calls that wait. Nothing here is reached by a client. */
export interface ApprovalDesk {
  /** Of all gateways that share the state store, under the rules of this one. */
  list(): Promise<readonly WaitingApproval[]>;
  /**
   * Decides once; `by` is who does.
   *
   * @throws GATEWAY_APPROVAL where no such call waits, or whoever asked for it may not approve it; GATEWAY_STATE.
   */
  decide(id: string, verdict: 'approve' | 'deny', by: string): Promise<WaitingApproval>;
}
