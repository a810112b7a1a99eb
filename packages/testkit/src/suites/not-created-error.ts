/** A subject's `create` failed: whatever a test asks, it has not been asked yet. */
export class NotCreatedError extends Error {
  override readonly name = 'NotCreatedError';

  constructor(cause: unknown) {
    super(`"create" failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

type Create = (...given: never[]) => unknown;

/** The same options, whose `create` says of its failures that they are its own. */
export function tellingCreate<O extends { readonly create: Create }>(options: O): O {
  const create = (...given: never[]): unknown => {
    try {
      const made = options.create(...given);
      return made instanceof Promise ? made.catch(notCreated) : made;
    } catch (error) {
      return notCreated(error);
    }
  };
  return { ...options, create };
}

function notCreated(error: unknown): never {
  throw new NotCreatedError(error);
}
