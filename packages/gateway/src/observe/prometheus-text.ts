/** Labels of one sample. */
export type Labels = Readonly<Record<string, string>>;

/** One number of a metric; a histogram's have a suffix to its name, such as `_bucket`. */
export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
  readonly suffix?: '_bucket' | '_sum' | '_count';
}

export type MetricKind = 'counter' | 'gauge' | 'histogram';

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * One metric in Prometheus' text format, with a line break at its end.
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * @param help - One line without a backslash.
 */
export function metricText(name: string, kind: MetricKind, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(
    ({ labels, value, suffix = '' }) => `${name}${suffix}${labelsText(labels)} ${numberText(value)}\n`,
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${lines.join('')}`;
}

/**
 * The samples of one histogram.
 *
 * @param bounds - Upper bounds of all buckets but the last, which has none.
 * @param counts - How many observations fell in each bucket alone, one more than there are bounds.
 */
export function histogramSamples(
  labels: Labels,
  bounds: readonly number[],
  counts: readonly number[],
  sum: number,
): readonly Sample[] {
  let total = 0;
  const buckets = counts.map((count, index): Sample => {
    total += count;
    const le = numberText(bounds[index] ?? Number.POSITIVE_INFINITY);
    return { suffix: '_bucket', labels: { le, ...labels }, value: total };
  });
  return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: total }];
}

function labelsText(labels: Labels = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  return value === Number.POSITIVE_INFINITY ? '+Inf' : String(value);
}
