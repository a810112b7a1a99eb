/** A call as limits see it. */
export interface CountedCall {
  readonly principal: string;
  readonly server: string;
  /** The name that the server has for the tool; the method where it is no call of a tool. */
  readonly tool: string;
  readonly isToolCall: boolean;
}
