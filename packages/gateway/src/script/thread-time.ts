import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { performance } from 'node:perf_hooks';

const MICROSECONDS_PER_MS = 1_000;
const NANOSECONDS_PER_MS = 1_000_000;

/** Milliseconds of processor time that this thread has used. Older versions of Node do not say it: there, how long it has been busy. */
export function processorMs(): number {
  if (typeof process.threadCpuUsage !== 'function') return performance.eventLoopUtilization().active;
  const { user, system } = process.threadCpuUsage();
  return (user + system) / MICROSECONDS_PER_MS;
}

/** The number by which the system knows this thread; 0 where it does not say it. */
export function threadNumber(): number {
  try {
    return Number(basename(readlinkSync('/proc/thread-self')));
  } catch {
    return 0; // this is no Linux
  }
}

/** Milliseconds of processor time that another thread of this process has used; undefined where the system does not say it. */
export function processorMsOf(number: number): number | undefined {
  if (number === 0) return undefined;
  try {
    return Number(readFileSync(`/proc/self/task/${number}/schedstat`, 'latin1').split(' ')[0]) / NANOSECONDS_PER_MS;
  } catch {
    return undefined; // it has just ended
  }
}
