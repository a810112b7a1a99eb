import type { z } from 'zod';

/**
 * Reads a record with a schema. The error names fields and what they should be, and quotes nothing.
 *
 * @throws TypeError where the value is something else.
 */
export function recordParser<T>(schema: z.ZodType<T>): (value: unknown) => T {
  return (value) => {
    const { success, data, error } = schema.safeParse(value);
    if (success) return data;
    const [issue] = error.issues;
    const field = issue?.path.join('.') ?? '';
    throw new TypeError(
      `${field === '' ? 'the record' : `"${field}"`} is not as expected (${issue?.code ?? 'unknown'})`,
    );
  };
}
