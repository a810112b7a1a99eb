import { Errno, type ErrnoValue, WasiError } from '@lockgate/abi';

const BY_CODE: Readonly<Record<string, ErrnoValue>> = {
  EACCES: Errno.access,
  EAGAIN: Errno.again,
  EBADF: Errno.badDescriptor,
  EBUSY: Errno.busy,
  EDQUOT: Errno.noSpace,
  EEXIST: Errno.exists,
  EFBIG: Errno.fileTooBig,
  EINVAL: Errno.invalid,
  EISDIR: Errno.isDirectory,
  ELOOP: Errno.loop,
  EMFILE: Errno.tooManyOpen,
  EMLINK: Errno.tooManyLinks,
  ENAMETOOLONG: Errno.nameTooLong,
  ENFILE: Errno.tooManyOpen,
  ENOENT: Errno.noEntry,
  ENOSPC: Errno.noSpace,
  ENOTDIR: Errno.notDirectory,
  ENOTEMPTY: Errno.notEmpty,
  ENOTSUP: Errno.notSupported,
  EPERM: Errno.notPermitted,
  EROFS: Errno.readOnly,
  EXDEV: Errno.crossDevice,
};

/** Does something with the file system; its refusals become the guest's. @throws WasiError */
export function systemCall<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException | null)?.code;
    if (error instanceof WasiError || code === undefined) throw error;
    // Which code Node gives beside the system's own, such as of a number too large, is no matter for the guest.
    throw new WasiError(BY_CODE[code] ?? (code.startsWith('ERR_') ? Errno.invalid : Errno.io));
  }
}
