/** Where this much waits to be sent, what may be left out is left out. */
export const DROP_ABOVE_BYTES: number = 1024 * 1024;

/** Where this much waits to be sent, the other side does not read: the connection is ended. */
export const END_ABOVE_BYTES: number = 256 * 1024 * 1024;
