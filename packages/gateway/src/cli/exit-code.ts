/** The exit codes of every command. */
export const EXIT = {
  ok: 0,
  /** The command ran, and what it looked at or called has failed. */
  failed: 1,
  /** The command line or the configuration cannot be used; nothing was done. */
  usage: 2,
} as const;

/** Ends a command with a code and a sentence for stderr, without a stack. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}
