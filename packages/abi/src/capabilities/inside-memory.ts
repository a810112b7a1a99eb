import { LockgateError } from '../errors.ts';

/** The value, or undefined where the guest pointed outside its memory or had no room: host functions answer that. */
export function insideMemory<T>(access: () => T): T | undefined {
  try {
    return access();
  } catch (error) {
    if (LockgateError.isInstance(error)) return undefined;
    throw error;
  }
}
