// One run of the hammer: one isolation, under the Node that runs this. Tells whoever started it how it went.
import type { Isolation } from '@lockgate/runtime';
import { BackEnd } from './back-end.ts';
import { callKinds } from './call-kinds.ts';
import { drawing } from './draw.ts';
import { type Guests, openGuests } from './guests.ts';
import { hammerCalls } from './hammer-calls.ts';
import { type Held, heldAfter, heldNow } from './held.ts';
import type { ServerKind } from './servers.ts';
import { type KindCounts, Tally } from './tally.ts';

/** What one run is to do. */
export interface HammerJob {
  /** Of guests that are called; or whole servers, which are served. */
  readonly isolation: Isolation | ServerKind;
  readonly calls: number;
  readonly seed: number;
  /** What the names of the kinds of calls begin with that are made; all are where it is empty. */
  readonly kind: string;
}

/** How it went. */
export interface HammerReport {
  readonly node: string;
  readonly total: KindCounts;
  readonly kinds: Readonly<Record<string, KindCounts>>;
  readonly rests: number;
  readonly versions: number;
  readonly ms: number;
  /** After the first half of the calls, and after the second, all guests closed. */
  readonly before: Held;
  readonly after: Held;
  readonly peakRssBytes: number;
  /** What was wrong, in sentences. */
  readonly problems: readonly string[];
}

const job = JSON.parse(process.argv[2] ?? '') as HammerJob;
const problems: string[] = [];
process.on('warning', (warning) => problems.push(`a warning of Node: ${warning.message}`));
process.on('uncaughtException', (error) => problems.push(`nobody caught: ${error.stack}`));

const tally = new Tally();
const started = performance.now();
// In two halves: what a process makes once and keeps is there after the first, and what it loses it loses in the second again.
const half = Math.ceil(job.calls / 2);
let versions = await hammer(half, job.seed);
const before = heldNow();
versions += await hammer(job.calls - half, job.seed + 1);
const ms = performance.now() - started;
const after = await heldAfter(before);
const report: HammerReport = {
  node: process.versions.node,
  ...{ total: tally.total, kinds: tally.kinds, rests: tally.rests, versions, ms, before, after },
  peakRssBytes: process.resourceUsage().maxRSS * 1_024,
  problems: [...tally.complaints, ...problems],
};
process.send?.(report);
process.channel?.ref(); // until whoever started it has asked for the event loop's times, and disconnects

/** Opens all guests, hammers on them, and closes them. Answers how many versions of plugins were live. */
async function hammer(calls: number, seed: number): Promise<number> {
  const draw = drawing(seed);
  if (job.isolation !== 'inline' && job.isolation !== 'worker') {
    const { hammerServers } = await import('./servers.ts');
    return hammerServers({ kind: job.isolation, calls, draw, tally, complain: (problem) => problems.push(problem) });
  }
  const backEnd = new BackEnd(draw);
  const guests = await openGuests(job.isolation, backEnd);
  try {
    const kinds = callKinds(draw).filter(({ name }) => name.startsWith(job.kind));
    await hammerCalls({ guests, calls, draw, tally, kinds });
    problems.push(...guests.log.problems, ...(await waiting(guests)));
  } catch (error) {
    problems.push(`the hammer stopped: ${(error as Error).stack}`);
  } finally {
    await guests.close(); // Node 22 has no "await using"
  }
  if (backEnd.open > 0) problems.push(`${backEnd.open} requests of guests are open, and all guests are closed`);
  return guests.versions.count + (guests.extism?.count ?? 0) + guests.component.count;
}

/** Who still waits, once all calls have ended. */
async function waiting({ plugins, versions, extism, component }: Guests): Promise<readonly string[]> {
  const stats = await Promise.all(Object.values(plugins).map((plugin) => plugin.stats()));
  const queues = stats.filter(({ queueLength }) => queueLength > 0);
  return [
    ...queues.map(({ name, queueLength }) => `${queueLength} calls wait for "${name}", and all have ended`),
    ...[versions, extism, component].flatMap((of) =>
      of && of.leases > 0 ? [`${of.leases} leases of versions, and all calls have ended`] : [],
    ),
  ];
}
