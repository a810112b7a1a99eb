import { expect, test } from 'vitest';
import { BucketCounts } from '../../src/observe/bucket-counts.ts';
import { histogramSamples, metricText } from '../../src/observe/prometheus-text.ts';

test('a metric is its help, its type and a line for each sample', () => {
  const text = metricText('calls_total', 'counter', 'Calls.', [
    { value: 3 },
    { labels: { server: 'a', kind: 'mcp' }, value: Number.POSITIVE_INFINITY },
  ]);
  expect(text).toBe(
    '# HELP calls_total Calls.\n# TYPE calls_total counter\ncalls_total 3\ncalls_total{server="a",kind="mcp"} +Inf\n',
  );
});

test('values of labels cannot break out of their quotes', () => {
  const text = metricText('up', 'gauge', 'Up.', [{ labels: { name: 'a"} 1\n\\' }, value: 0 }]);
  expect(text.split('\n')[2]).toBe(String.raw`up{name="a\"} 1\n\\"} 0`);
});

test('buckets of a histogram hold their bound, and count what is below them too', () => {
  const counts = new BucketCounts([1, 5]);
  for (const value of [0.5, 1, 1.5, 7]) counts.observe(value);
  expect(metricText('t', 'histogram', 'T.', histogramSamples({ a: 'b' }, [1, 5], counts.counts, counts.sum))).toBe(
    [
      '# HELP t T.',
      '# TYPE t histogram',
      't_bucket{le="1",a="b"} 2',
      't_bucket{le="5",a="b"} 3',
      't_bucket{le="+Inf",a="b"} 4',
      't_sum{a="b"} 10',
      't_count{a="b"} 4',
      '',
    ].join('\n'),
  );
});
