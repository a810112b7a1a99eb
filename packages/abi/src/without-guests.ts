// A light entry of its own, which loads nothing that reads or runs modules: for programs that may never meet a guest.
export { LockgateError } from './errors.ts';
export { LONGEST_MESSAGE_BYTES } from './longest-message.ts';
export { parseJsonText } from './parse-json-text.ts';
