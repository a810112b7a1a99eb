import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type UPlot from 'uplot';
import { coloursChanged } from '../theme.ts';

export interface ChartSeries {
  readonly label: string;
  /** One for each time; null where there is none. */
  readonly values: readonly (number | null)[];
}

export interface ChartProps {
  readonly title: string;
  /** Milliseconds since 1970, the oldest first. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly figure: (value: number) => string;
}

const HEIGHT = 144;

/** Values over time, drawn as soon as the plotting library is there; the words beside it say the newest at once. */
export function Chart({ title, times, series, figure }: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const key = useRef<HTMLUListElement>(null);
  const plot = useRef<UPlot>(undefined);
  const data = [times.map((time) => time / 1_000), ...series.map(({ values }) => [...values])] as UPlot.AlignedData;
  const newest = useRef(data);
  newest.current = data;
  const colours = coloursChanged.value;
  const isEmpty = times.length === 0;

  useEffect(() => {
    const box = place.current;
    const swatches = key.current;
    if (!box || !swatches) return;
    let isGone = false;
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: box.clientWidth, height: HEIGHT }));
    import('uplot').then(
      ({ default: Plot }) => {
        if (isGone) return;
        const strokes = [...swatches.querySelectorAll('i')].map((swatch) => getComputedStyle(swatch).color);
        plot.current = new Plot(optionsOf(box, strokes, figure), newest.current, box);
        resized.observe(box);
      },
      () => {
        if (!isGone) box.textContent = 'The chart could not be loaded. Reload the page to try again.';
      },
    );
    return () => {
      isGone = true;
      resized.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [colours, isEmpty]);

  useEffect(() => plot.current?.setData(data));

  const last = (values: ChartSeries['values']): string => {
    const value = values.findLast((one) => one !== null);
    return value === undefined || value === null ? '–' : figure(value);
  };
  const spoken = series.map(({ label, values }) => {
    const known = values.filter((value) => value !== null);
    return `${label}: now ${last(values)}${known.length > 0 ? `, at most ${figure(Math.max(...known))}` : ''}`;
  });
  return (
    <figure class="card">
      <figcaption class="chart-head">
        <h2>{title}</h2>
        <ul class="key" ref={key}>
          {series.map(({ label, values }, index) => (
            <li key={label}>
              <i class={`series-${index}`} aria-hidden="true" />
              {label} <b>{last(values)}</b>
            </li>
          ))}
        </ul>
      </figcaption>
      {isEmpty ? (
        <p class="plot muted">The first seconds are being counted.</p>
      ) : (
        <div class="plot" ref={place} role="img" aria-label={`${title} over time. ${spoken.join('. ')}.`} />
      )}
    </figure>
  );
}

function optionsOf(box: HTMLElement, strokes: readonly string[], figure: (value: number) => string): UPlot.Options {
  const { color, fontFamily } = getComputedStyle(box);
  const grid = { stroke: getComputedStyle(box).getPropertyValue('border-top-color'), width: 1 };
  const axis = { stroke: color, font: `12px ${fontFamily}`, grid, ticks: { show: false } };
  return {
    width: box.clientWidth,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    cursor: { show: false },
    legend: { show: false },
    scales: { y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.1 : 1] } },
    axes: [
      { ...axis, size: 28, space: 70, values: (_plot, marks) => marks.map(clock) },
      { ...axis, size: 62, space: 32, values: (_plot, marks) => marks.map(figure) },
    ],
    series: [{}, ...strokes.map((stroke) => ({ stroke, width: 1.5, points: { show: hasGaps, size: 4 } }))],
  };
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

function clock(seconds: number): string {
  return CLOCK.format(seconds * 1_000);
}

/** A value between two seconds without any is no line, so it is drawn as a point. */
function hasGaps(plot: UPlot, index: number): boolean {
  const values: ArrayLike<number | null | undefined> = plot.data[index] ?? [];
  return Array.from(values).includes(null);
}
