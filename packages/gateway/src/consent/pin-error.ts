import { LockgateError } from '@lockgate/abi/without-guests';

/** Pins cannot be read or written, or what was asked for cannot be approved. */
export class PinError extends LockgateError {
  override readonly name = 'PinError';
  readonly code = 'GATEWAY_PINS';
}
