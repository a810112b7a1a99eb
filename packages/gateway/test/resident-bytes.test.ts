import { expect, test, vi } from 'vitest';
import { Ticks } from '../src/console/ticks.ts';
import { openProcessMetrics } from '../src/observe/process-metrics.ts';
import { residentBytes } from '../src/resident-bytes.ts';

test('memory that the system does not tell, as where no more files can be opened, ends neither a second nor the metrics', async () => {
  expect(residentBytes()).toBeGreaterThan(0);
  const calls = {
    totals: { calls: 0, errors: 0, withheld: 0, denied: 0 },
    durations: { quantile: () => 0, clear: () => {} },
  } as unknown as ConstructorParameters<typeof Ticks>[0]['calls'];
  const ticks = new Ticks({ calls, now: () => 0, state: () => ({ running: 0, sessions: 0 }) });
  const metrics = openProcessMetrics();
  ticks.take();
  const known = ticks.ring.at(1)?.rssBytes;
  using _full = vi.spyOn(process.memoryUsage, 'rss').mockImplementation(() => {
    throw new Error('EMFILE: too many open files, uv_resident_set_memory');
  });
  using _whole = vi.spyOn(process, 'memoryUsage').mockImplementation(() => {
    throw new Error('EMFILE: too many open files, uv_resident_set_memory');
  });
  expect(residentBytes()).toBeUndefined();
  ticks.take();
  expect(ticks.ring.at(2)?.rssBytes).toBe(known);
  expect(await metrics.text()).not.toContain('process_resident_memory_bytes');
  ticks.close();
  metrics.close();
});
