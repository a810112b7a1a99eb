import type { LinkPort } from '../process-link.ts';

/** What `process` of a child and a worker of `node:cluster` have in common. */
interface Channel {
  send?:
    | ((message: object, handle: undefined, options: undefined, done: (error: Error | null) => void) => boolean)
    | undefined;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  once(event: 'disconnect', listener: () => void): unknown;
}

/** The channel that Node has between a process and its child. */
export function childPort(channel: Channel): LinkPort {
  return {
    // Where it has broken, "disconnect" tells of that.
    send: (message) => void channel.send?.(message, undefined, undefined, () => undefined),
    listen(onMessage, onEnd) {
      channel.on('message', onMessage);
      channel.once('disconnect', onEnd);
    },
  };
}
