/** How much of a stack is of use to an author: the message, and where it was thrown. */
const STACK_LINES = 6;

/** Why a module could not be imported, and what to do about it. */
export function whyNotImported(file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const message = error instanceof Error ? error.message : String(error);
  switch (code) {
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return /\.[mc]?ts$/.test(file)
        ? `${file} is TypeScript, and this Node was told not to strip types: start it without --no-strip-types`
        : `${file} is nothing that Node imports: it takes .mjs, .js, .mts and .ts`;
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return `${file}: ${message}. Node strips types and does no more: write it without enums, namespaces and parameter properties, or compile it first`;
    case 'ERR_MODULE_NOT_FOUND':
      return `${file} imports what is not there: ${message}`;
    default:
      return `${file} throws when it is imported: ${firstLines(error)}`;
  }
}

/** The message of an error and where it was thrown. */
export function firstLines(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return (error.stack ?? `${error.name}: ${error.message}`).split('\n').slice(0, STACK_LINES).join('\n');
}
