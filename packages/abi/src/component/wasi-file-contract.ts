const FILE_ERROR =
  'enum{access, would-block, already, bad-descriptor, busy, deadlock, quota, exist, file-too-large, ' +
  'illegal-byte-sequence, in-progress, interrupted, invalid, io, is-directory, loop, too-many-links, ' +
  'message-size, name-too-long, no-device, no-entry, no-lock, insufficient-memory, insufficient-space, ' +
  'not-directory, not-empty, not-recoverable, unsupported, no-tty, no-such-device, overflow, ' +
  'not-permitted, pipe, read-only, invalid-seek, text-file-busy, cross-device}';
const FILE_TYPE = 'enum{unknown, block-device, character-device, directory, fifo, symbolic-link, regular-file, socket}';
const DESCRIPTOR_FLAGS =
  'flags{read, write, file-integrity-sync, data-integrity-sync, requested-write-sync, mutate-directory}';
const DATETIME = 'record{seconds: u64, nanoseconds: u32}';
const NEW_TIMESTAMP = `variant{no-change, now, timestamp(${DATETIME})}`;
const TIMESTAMP = `option<${DATETIME}>`;
const STAT = `record{type: ${FILE_TYPE}, link-count: u64, size: u64, data-access-timestamp: ${TIMESTAMP}, data-modification-timestamp: ${TIMESTAMP}, status-change-timestamp: ${TIMESTAMP}}`;

/** `wasi:filesystem`. */
export const WASI_FILE_CONTRACT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'wasi:filesystem/types': {
    '[method]descriptor.read-via-stream': `(borrow<descriptor>, u64) -> result<input-stream, ${FILE_ERROR}>`,
    '[method]descriptor.write-via-stream': `(borrow<descriptor>, u64) -> result<output-stream, ${FILE_ERROR}>`,
    '[method]descriptor.append-via-stream': `(borrow<descriptor>) -> result<output-stream, ${FILE_ERROR}>`,
    '[method]descriptor.advise': `(borrow<descriptor>, u64, u64, enum{normal, sequential, random, will-need, dont-need, no-reuse}) -> result<_, ${FILE_ERROR}>`,
    '[method]descriptor.sync-data': `(borrow<descriptor>) -> result<_, ${FILE_ERROR}>`,
    '[method]descriptor.get-flags': `(borrow<descriptor>) -> result<${DESCRIPTOR_FLAGS}, ${FILE_ERROR}>`,
    '[method]descriptor.get-type': `(borrow<descriptor>) -> result<${FILE_TYPE}, ${FILE_ERROR}>`,
    '[method]descriptor.set-size': `(borrow<descriptor>, u64) -> result<_, ${FILE_ERROR}>`,
    '[method]descriptor.set-times': `(borrow<descriptor>, ${NEW_TIMESTAMP}, ${NEW_TIMESTAMP}) -> result<_, ${FILE_ERROR}>`,
    '[method]descriptor.read': `(borrow<descriptor>, u64, u64) -> result<tuple<list<u8>, bool>, ${FILE_ERROR}>`,
    '[method]descriptor.write': `(borrow<descriptor>, list<u8>, u64) -> result<u64, ${FILE_ERROR}>`,
    '[method]descriptor.read-directory': `(borrow<descriptor>) -> result<directory-entry-stream, ${FILE_ERROR}>`,
    '[method]descriptor.sync': `(borrow<descriptor>) -> result<_, ${FILE_ERROR}>`,
    '[method]descriptor.create-directory-at': `(borrow<descriptor>, string) -> result<_, ${FILE_ERROR}>`,
    '[method]descriptor.stat': `(borrow<descriptor>) -> result<${STAT}, ${FILE_ERROR}>`,
    '[method]descriptor.stat-at': `(borrow<descriptor>, flags{symlink-follow}, string) -> result<${STAT}, ${FILE_ERROR}>`,
    '[method]descriptor.set-times-at': `(borrow<descriptor>, flags{symlink-follow}, string, ${NEW_TIMESTAMP}, ${NEW_TIMESTAMP}) -> result<_, ${FILE_ERROR}>`,
    '[method]descriptor.link-at': `(borrow<descriptor>, flags{symlink-follow}, string, borrow<descriptor>, string) -> result<_, ${FILE_ERROR}>`,
    '[method]descriptor.open-at': `(borrow<descriptor>, flags{symlink-follow}, string, flags{create, directory, exclusive, truncate}, ${DESCRIPTOR_FLAGS}) -> result<descriptor, ${FILE_ERROR}>`,
    '[method]descriptor.readlink-at': `(borrow<descriptor>, string) -> result<string, ${FILE_ERROR}>`,
    '[method]descriptor.remove-directory-at': `(borrow<descriptor>, string) -> result<_, ${FILE_ERROR}>`,
    '[method]descriptor.rename-at': `(borrow<descriptor>, string, borrow<descriptor>, string) -> result<_, ${FILE_ERROR}>`,
    '[method]descriptor.symlink-at': `(borrow<descriptor>, string, string) -> result<_, ${FILE_ERROR}>`,
    '[method]descriptor.unlink-file-at': `(borrow<descriptor>, string) -> result<_, ${FILE_ERROR}>`,
    '[method]descriptor.is-same-object': '(borrow<descriptor>, borrow<descriptor>) -> bool',
    '[method]descriptor.metadata-hash': `(borrow<descriptor>) -> result<record{lower: u64, upper: u64}, ${FILE_ERROR}>`,
    '[method]descriptor.metadata-hash-at': `(borrow<descriptor>, flags{symlink-follow}, string) -> result<record{lower: u64, upper: u64}, ${FILE_ERROR}>`,
    '[method]directory-entry-stream.read-directory-entry': `(borrow<directory-entry-stream>) -> result<option<record{type: ${FILE_TYPE}, name: string}>, ${FILE_ERROR}>`,
    'filesystem-error-code': `(borrow<error>) -> option<${FILE_ERROR}>`,
  },
  'wasi:filesystem/preopens': {
    'get-directories': '() -> list<tuple<descriptor, string>>',
  },
};
