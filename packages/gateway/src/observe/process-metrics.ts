import { readdir, readFile } from 'node:fs/promises';
import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import { residentBytes } from '../resident-bytes.ts';
import { BucketCounts } from './bucket-counts.ts';
import { histogramSamples, metricText, type Sample } from './prometheus-text.ts';

export interface ProcessMetrics {
  /** Metrics of this process and of Node, under the names that Node programs usually have. */
  text(): Promise<string>;
  close(): void;
}

const GC_SECONDS = [0.001, 0.01, 0.1, 1, 2, 5];
const GC_KINDS: ReadonlyMap<number, string> = new Map([
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
]);
/** What Node's types do not say of an entry of garbage collection. */
interface GcEntry extends PerformanceEntry {
  readonly detail: { readonly kind: number };
}

const DELAY_RESOLUTION_MS = 10;

type EventLoopDelay = ReturnType<typeof monitorEventLoopDelay>;

/** Watches garbage collection and the event loop from now on; everything else is read at a scrape. */
export function openProcessMetrics(): ProcessMetrics {
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  const collections = new Map(Array.from(GC_KINDS.keys(), (kind) => [kind, new BucketCounts(GC_SECONDS)]));
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const counts = collections.get((entry as GcEntry).detail.kind);
      counts?.observe(entry.duration / 1_000);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    async text() {
      // Before anything that a scrape itself would add to it.
      const active = activeText();
      const lag = await eventLoopLag();
      const [memory, files] = await Promise.all([memoryText(), filesText()]);
      const text = [cpuText(), memory, files, lagText(lag, delay), active, heapText(), gcText(collections)];
      // Each scrape tells of the time since the last one.
      delay.reset();
      return text.join('');
    },
    close() {
      delay.disable();
      observer.disconnect();
    },
  };
}

function gauge(name: string, help: string, ...samples: readonly Sample[]): string {
  return metricText(name, 'gauge', help, samples);
}

/** How long the event loop takes to come round now, in seconds. */
async function eventLoopLag(): Promise<number> {
  const started = performance.now();
  await new Promise((resolve) => setImmediate(resolve));
  return (performance.now() - started) / 1_000;
}

function cpuText(): string {
  const { user, system } = process.cpuUsage();
  const seconds = (name: string, help: string, microseconds: number): string =>
    metricText(name, 'counter', help, [{ value: microseconds / 1e6 }]);
  const [major = '', minor = '', patch = ''] = process.versions.node.split('.');
  return [
    seconds('process_cpu_user_seconds_total', 'Total user CPU time spent in seconds.', user),
    seconds('process_cpu_system_seconds_total', 'Total system CPU time spent in seconds.', system),
    seconds('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', user + system),
    gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', {
      value: Math.round(performance.timeOrigin / 1_000),
    }),
    gauge('nodejs_version_info', 'Node.js version info.', {
      labels: { version: process.version, major, minor, patch },
      value: 1,
    }),
  ].join('');
}

async function memoryText(): Promise<string> {
  const value = residentBytes();
  const resident =
    value === undefined ? '' : gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', { value });
  const status = await readProc('status');
  const bytes = (field: string): number => 1_024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  if (status === '') return resident;
  return [
    resident,
    gauge('process_virtual_memory_bytes', 'Virtual memory size in bytes.', { value: bytes('VmSize') }),
    gauge('process_heap_bytes', 'Process heap size in bytes.', { value: bytes('VmData') }),
  ].join('');
}

async function filesText(): Promise<string> {
  const limits = await readProc('limits');
  if (limits === '') return '';
  const [, most] = /^Max open files\s+(\d+|unlimited)/m.exec(limits) ?? [];
  // The one that reads the folder is among them, and gone by now.
  const open = (await readdir('/proc/self/fd')).length - 1;
  return [
    gauge('process_open_fds', 'Number of open file descriptors.', { value: open }),
    gauge('process_max_fds', 'Maximum number of open file descriptors.', {
      value: most === 'unlimited' ? Number.POSITIVE_INFINITY : Number(most),
    }),
  ].join('');
}

/** A file that Linux has about this process; empty elsewhere. */
async function readProc(name: string): Promise<string> {
  return readFile(`/proc/self/${name}`, 'utf8').catch(() => '');
}

function lagText(lag: number, delay: EventLoopDelay): string {
  const seconds = (name: string, help: string, value: number): string =>
    gauge(`nodejs_eventloop_lag_${name}`, help, { value });
  const recorded = delay.count > 0;
  const of = (nanoseconds: number): number => (recorded ? nanoseconds / 1e9 : 0);
  return [
    seconds('seconds', 'Lag of event loop in seconds.', lag),
    seconds('min_seconds', 'The minimum recorded event loop delay.', of(delay.min)),
    seconds('max_seconds', 'The maximum recorded event loop delay.', of(delay.max)),
    seconds('mean_seconds', 'The mean of the recorded event loop delays.', of(delay.mean)),
    seconds('stddev_seconds', 'The standard deviation of the recorded event loop delays.', of(delay.stddev)),
    ...[50, 90, 99].map((percent) =>
      seconds(
        `p${percent}_seconds`,
        `The ${percent}th percentile of the recorded event loop delays.`,
        of(delay.percentile(percent)),
      ),
    ),
  ].join('');
}

/** Handles and requests are known to Node under names that its types do not have. */
interface ActiveThings {
  readonly _getActiveHandles?: () => readonly object[];
  readonly _getActiveRequests?: () => readonly object[];
}

function activeText(): string {
  const { _getActiveHandles, _getActiveRequests } = process as ActiveThings;
  const classes = (list: readonly object[] = []): readonly string[] => list.map((item) => item.constructor.name);
  return [
    typesText('nodejs_active_resources', 'resources that keep the event loop alive', process.getActiveResourcesInfo()),
    typesText('nodejs_active_handles', 'libuv handles', classes(_getActiveHandles?.call(process))),
    typesText('nodejs_active_requests', 'libuv requests', classes(_getActiveRequests?.call(process))),
  ].join('');
}

function typesText(name: string, what: string, types: readonly string[]): string {
  const byType = new Map<string, number>();
  for (const type of types) byType.set(type, (byType.get(type) ?? 0) + 1);
  return [
    gauge(name, `Active ${what}, by type.`, ...Array.from(byType, ([type, value]) => ({ labels: { type }, value }))),
    gauge(`${name}_total`, `Number of active ${what}.`, { value: types.length }),
  ].join('');
}

function heapText(): string {
  // `process.memoryUsage` reads a file for what is resident, and fails where none can be opened.
  const { total_heap_size, used_heap_size, external_memory } = getHeapStatistics();
  const spaces = getHeapSpaceStatistics().map((space) => ({
    space: space.space_name.replace(/_space$/, ''),
    total: space.space_size,
    used: space.space_used_size,
    available: space.space_available_size,
  }));
  return [
    gauge('nodejs_heap_size_total_bytes', 'Process heap size from Node.js in bytes.', { value: total_heap_size }),
    gauge('nodejs_heap_size_used_bytes', 'Process heap size used from Node.js in bytes.', { value: used_heap_size }),
    gauge('nodejs_external_memory_bytes', 'Node.js external memory size in bytes.', { value: external_memory }),
    ...(['total', 'used', 'available'] as const).map((size) =>
      gauge(
        `nodejs_heap_space_size_${size}_bytes`,
        `Process heap space size ${size} from Node.js in bytes.`,
        ...spaces.map((space) => ({ labels: { space: space.space }, value: space[size] })),
      ),
    ),
  ].join('');
}

function gcText(collections: ReadonlyMap<number, BucketCounts>): string {
  const samples = Array.from(collections).flatMap(([kind, { counts, sum }]) =>
    histogramSamples({ kind: GC_KINDS.get(kind) ?? '' }, GC_SECONDS, counts, sum),
  );
  const help = 'Garbage collection duration by kind, one of major, minor, incremental or weakcb.';
  return metricText('nodejs_gc_duration_seconds', 'histogram', help, samples);
}
