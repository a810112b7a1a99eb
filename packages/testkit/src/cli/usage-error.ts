/** The command line or the subject's module cannot be used: exit code 2, and no test was run in vain. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
