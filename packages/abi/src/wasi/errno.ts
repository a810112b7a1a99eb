/** The error numbers of WASI preview 1 that this host answers with. Source: wasi_snapshot_preview1, "errno". */
export const Errno = {
  success: 0,
  tooBig: 1,
  access: 2,
  again: 6,
  badDescriptor: 8,
  busy: 10,
  exists: 20,
  fault: 21,
  fileTooBig: 22,
  illegalSequence: 25,
  invalid: 28,
  io: 29,
  isDirectory: 31,
  loop: 32,
  tooManyOpen: 33,
  tooManyLinks: 34,
  nameTooLong: 37,
  noEntry: 44,
  noSpace: 51,
  notImplemented: 52,
  notDirectory: 54,
  notEmpty: 55,
  notSupported: 58,
  notPermitted: 63,
  brokenPipe: 64,
  readOnly: 69,
  illegalSeek: 70,
  crossDevice: 75,
  notCapable: 76,
} as const;

/** One of {@link Errno}. */
export type ErrnoValue = (typeof Errno)[keyof typeof Errno];

/** Why a function of WASI does not do what the guest asked; the guest gets the number. */
export class WasiError extends Error {
  override readonly name = 'WasiError';
  readonly errno: ErrnoValue;

  constructor(errno: ErrnoValue) {
    super(`WASI error ${errno}`);
    this.errno = errno;
  }
}
