import { StrayFrames } from '../../src/call/stray-frames.ts';
import { TaskOwners } from '../../src/call/task-owners.ts';
import type { CallMonitor } from '../../src/monitor/call-monitor.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';

/** The way of frames where nothing is guarded. */
export function openFrames(): StrayFrames {
  const tasks = new TaskOwners(createMemoryStore({ now: () => 0 }), () => 0);
  return new StrayFrames({ monitor: { isActive: false } as CallMonitor, tasks });
}
