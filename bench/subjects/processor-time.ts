import { readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second, whatever the kernel's own clock is. */
const US_PER_TICK = 10_000;

/** Processor time of a process so far, all its threads, in µs; NaN where the system does not say. */
export function processorTimeUs(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in brackets may hold spaces, so fields are counted from behind it: state is the third.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * US_PER_TICK;
  } catch {
    return Number.NaN;
  }
}

/** Memory of a process that lies in the machine's, in MB; NaN where the system does not say. */
export function residentMB(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1_000;
  } catch {
    return Number.NaN;
  }
}
