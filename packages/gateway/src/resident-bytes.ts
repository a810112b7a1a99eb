/**
 * The memory of this process that is resident, in bytes; undefined where the system does not tell: the file that tells it on Linux cannot
 * be opened while this process has as many files open as it may.
 */
export function residentBytes(): number | undefined {
  try {
    return process.memoryUsage.rss();
  } catch {
    return undefined;
  }
}
