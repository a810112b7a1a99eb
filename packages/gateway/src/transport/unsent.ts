/** Where this much waits to be sent, what may be left out is left out. */
export const DROP_ABOVE_BYTES: number = 1024 * 1024;

/** So much is given to a pipe or connection at once, and the next when that has been taken: thus it is seen that the other side reads. */
export const GIVE_BYTES = 262_144;

/** Where this much waits to be sent, nothing new is taken of a pipe, and pipe or connection end where nothing of it is read. */
export const END_ABOVE_BYTES: number = 256 * 1024 * 1024;

/** So long nothing at all may be read where too much waits. */
export const UNREAD_MS = 10_000;
