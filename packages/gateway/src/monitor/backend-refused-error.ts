/**
 * A guard's call of its server that was not sent. The guest only learns that it failed; the reason is for the log. It names a tool as the guard
 * wrote it, and nothing of what a server said.
 */
export class BackendRefusedError extends TypeError {
  override readonly name = 'BackendRefusedError';
}
