import { performance } from 'node:perf_hooks';

const MICROSECONDS_PER_MS = 1_000;

/** Milliseconds of processor time that this thread has used. Older versions of Node do not say it: there, how long it has been busy. */
export function ownProcessorMs(): number {
  if (typeof process.threadCpuUsage !== 'function') return performance.eventLoopUtilization().active;
  const { user, system } = process.threadCpuUsage();
  return (user + system) / MICROSECONDS_PER_MS;
}
