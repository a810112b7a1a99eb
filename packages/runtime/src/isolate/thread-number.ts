import { readlinkSync } from 'node:fs';

/** What Linux calls this thread; 0 elsewhere, and in a process that does not see itself in /proc under its own number: what is there may be somebody else's. */
export function threadNumber(): number {
  try {
    const [pid, , tid] = readlinkSync('/proc/thread-self').split('/');
    return Number(pid) === process.pid ? Number(tid) : 0;
  } catch {
    return 0;
  }
}
