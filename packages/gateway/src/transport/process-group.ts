/** How often it is looked whether a group is gone, in milliseconds. */
const LOOK_MS = 25;

/** Windows has no process groups: there a program alone is signalled, and what it has started is its own affair. */
export const HAS_GROUPS: boolean = process.platform !== 'win32';

/** A program that leads a process group, and whatever it has started that did not leave it. */
export class ProcessGroup {
  readonly #target: number;

  /** @param pid - The leader; on systems with groups it was started detached. */
  constructor(pid: number) {
    this.#target = HAS_GROUPS ? -pid : pid;
  }

  /** Nothing happens where nobody is left. */
  signal(signal: NodeJS.Signals): void {
    try {
      process.kill(this.#target, signal);
    } catch {
      // The whole group has ended already.
    }
  }

  /** Whether somebody of it is there: also one that has ended and whose parent has not asked how. */
  get isThere(): boolean {
    try {
      process.kill(this.#target, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  }

  /** Resolves once nobody of it is there, or so many milliseconds later. */
  async goneWithin(timeoutMs: number): Promise<boolean> {
    for (let waitedMs = 0; this.isThere; waitedMs += LOOK_MS) {
      if (waitedMs >= timeoutMs) return false;
      const { promise: later, resolve } = Promise.withResolvers<void>();
      setTimeout(resolve, LOOK_MS);
      await later;
    }
    return true;
  }
}
