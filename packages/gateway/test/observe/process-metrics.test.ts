import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import { openProcessMetrics } from '../../src/observe/process-metrics.ts';

const EVERYWHERE =
  'process_cpu_user_seconds_total process_cpu_system_seconds_total process_cpu_seconds_total process_start_time_seconds ' +
  'process_resident_memory_bytes nodejs_eventloop_lag_seconds nodejs_eventloop_lag_min_seconds ' +
  'nodejs_eventloop_lag_max_seconds nodejs_eventloop_lag_mean_seconds nodejs_eventloop_lag_stddev_seconds ' +
  'nodejs_eventloop_lag_p50_seconds nodejs_eventloop_lag_p90_seconds nodejs_eventloop_lag_p99_seconds ' +
  'nodejs_active_resources nodejs_active_resources_total nodejs_active_handles nodejs_active_handles_total ' +
  'nodejs_active_requests nodejs_active_requests_total nodejs_heap_size_total_bytes nodejs_heap_size_used_bytes ' +
  'nodejs_external_memory_bytes nodejs_heap_space_size_total_bytes nodejs_heap_space_size_used_bytes ' +
  'nodejs_heap_space_size_available_bytes nodejs_version_info nodejs_gc_duration_seconds';
const ON_LINUX = 'process_virtual_memory_bytes process_heap_bytes process_open_fds process_max_fds';

test('metrics of the process have the names that dashboards for Node know, and numbers', async () => {
  const metrics = openProcessMetrics();
  onTestFinished(() => metrics.close());
  const text = await metrics.text();
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  const expected = `${EVERYWHERE} ${process.platform === 'linux' ? ON_LINUX : ''}`.trim().split(' ');
  expect(names.sort()).toEqual(expected.sort());
  for (const line of text.split('\n').filter((line) => line !== '' && !line.startsWith('#')))
    expect(line).toMatch(/ (\d[\d.e+-]*|\+Inf)$/);
});

test('a garbage collection since the start is counted', async () => {
  const metrics = openProcessMetrics();
  onTestFinished(() => metrics.close());
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  await expect.poll(() => metrics.text()).toMatch(/nodejs_gc_duration_seconds_count\{kind="major"\} [1-9]/);
});
