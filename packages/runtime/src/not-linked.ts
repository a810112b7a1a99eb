import { LockgateError, MemoryMinimumError } from '@lockgate/abi';
import { CompileError } from '@lockgate/cache';
import { LinkError, MemoryCeilingError } from './errors.ts';

/**
 * What it means that a module could not be read or compiled; what nobody threw on purpose is as it was.
 *
 * @param reason - Said in place of the error's own words. @default those
 */
export function notLinked(module: string, error: unknown, reason?: string): unknown {
  if (error instanceof MemoryMinimumError) {
    const { initialBytes, ceilingBytes } = error;
    return new MemoryCeilingError({ module, initialBytes, ceilingBytes }, { cause: error });
  }
  if (!LockgateError.isInstance(error) || error instanceof LinkError) return error;
  // The engine says of bad code that it is bad; anything else speaks for a want of memory.
  const mayPass = error instanceof CompileError && !(error.cause instanceof WebAssembly.CompileError);
  return new LinkError({ module, reason: reason ?? error.message, ...(mayPass && { mayPass }) }, { cause: error });
}
