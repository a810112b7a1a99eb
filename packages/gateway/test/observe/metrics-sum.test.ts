import { expect, test } from 'vitest';
import { MetricsSum } from '../../src/observe/metrics-sum.ts';
import { histogramSamples, metricText } from '../../src/observe/prometheus-text.ts';

const process = (calls: number, up: number, memory: number): string =>
  [
    metricText('calls_total', 'counter', 'Calls.', [{ labels: { server: 'a "b" c' }, value: calls }]),
    metricText('seconds', 'histogram', 'Time.', histogramSamples({}, [1], [calls, 1], calls)),
    metricText('lockgate_upstream_up', 'gauge', 'Up.', [{ labels: { server: 'x' }, value: up }]),
    metricText('lockgate_info', 'gauge', 'One.', [{ value: 1 }]),
    metricText('process_resident_memory_bytes', 'gauge', 'Memory.', [{ value: memory }]),
  ].join('');

test('counters and histograms add up, and gauges by their rule: the worst, the same, or the sum', () => {
  const text = new MetricsSum().text([process(3, 1, 10), process(4, 0, 20)]);
  expect(text.split('\n').filter((line) => !line.startsWith('#'))).toEqual([
    'calls_total{server="a \\"b\\" c"} 7',
    'seconds_bucket{le="1"} 7',
    'seconds_bucket{le="+Inf"} 9',
    'seconds_sum 7',
    'seconds_count 9',
    'lockgate_upstream_up{server="x"} 0',
    'lockgate_info 1',
    'process_resident_memory_bytes 30',
    '',
  ]);
  expect(text).toContain('# HELP calls_total Calls.\n# TYPE calls_total counter\n');
});

test('what a process has counted stays when it has ended, and its gauges go', () => {
  const sum = new MetricsSum();
  sum.keep(process(3, 0, 10));
  sum.keep(process(2, 0, 10));
  const text = sum.text([process(4, 1, 20)]);
  for (const line of ['} 9\n', 'seconds_count 12\n', 'lockgate_upstream_up{server="x"} 1\n', 'bytes 20\n'])
    expect(text).toContain(line);
});
