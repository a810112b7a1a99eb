/** Members of the envelope of a frame, as regular expressions for what is left of one that was too long to be kept. */
export const VERSION = '"jsonrpc"\\s*:\\s*"2\\.0"';

/** An id: a text without escapes, or an integer; the one group is its JSON. */
export const ID = '"id"\\s*:\\s*("[ !#-\\[\\]-~]{0,100}"|-?(?:0|[1-9]\\d{0,19}))';
