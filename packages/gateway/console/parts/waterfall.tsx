import type { JSX } from 'preact';
import { milliseconds } from '../figures.ts';

export interface Phase {
  readonly name: string;
  readonly startMs: number;
  readonly durationMs: number;
}

/** What took how long, one bar below the other on one scale; each row says the same in figures. */
export function Waterfall({ of, totalMs }: { readonly of: readonly Phase[]; readonly totalMs: number }): JSX.Element {
  const scale = 1_000 / Math.max(totalMs, ...of.map(({ startMs, durationMs }) => startMs + durationMs), 0.001);
  return (
    <ol class="waterfall">
      {of.map(({ name, startMs, durationMs }) => (
        <li key={`${name} ${startMs}`}>
          <span class="wrap">{name}</span>
          <svg viewBox="0 0 1000 16" preserveAspectRatio="none" aria-hidden="true">
            <rect x={startMs * scale} y="2" width={Math.max(durationMs * scale, 3)} height="12" rx="2" />
          </svg>
          <span class="num" title={`from ${milliseconds(startMs)} after the start`}>
            {milliseconds(durationMs)}
          </span>
        </li>
      ))}
    </ol>
  );
}
