import type { Call, CallList } from '../console/api.ts';
import { badRequest } from '../console/api-failure.ts';
import type { Said } from './asked-processes.ts';

/** Where a list of all goes on in each process, by its number: at its beginning, or behind what it has said there. One that is not in it has nothing more. */
type Places = ReadonlyMap<number, string>;

/** Stands for the beginning. */
const START = '-';

/** @throws ApiFailure for what no answer has said. */
export function readPlaces(before: string): Places {
  const places = before.split(',').map((text) => /^(\d{1,3}):(-|[\w.]{1,64})$/.exec(text));
  if (places.some((place) => place === null)) throw badRequest('"before" has to be what an answer has as "next"');
  return new Map(places.map((place) => [Number(place?.[1]), place?.[2] ?? START]));
}

/** What of the question goes to one process; undefined where it has nothing more. */
export function queryOf(query: URLSearchParams, places: Places | undefined, number: number): string | undefined {
  const place = places ? places.get(number) : START;
  if (place === undefined) return undefined;
  const asked = new URLSearchParams(query);
  asked.delete('before');
  if (place !== START) asked.set('before', place);
  return `calls?${asked}`;
}

/**
 * The calls of all processes, the newest first.
 *
 * @param places - Where they were asked to go on; undefined at the beginning.
 */
export function joinCalls(processes: readonly Said<CallList>[], places: Places | undefined, limit: number): CallList {
  const lists = processes.map(({ number, value }) => ({
    number,
    next: value.next,
    // What runs was shown at the beginning.
    left: value.calls.filter(({ isRunning }) => !isRunning || !places),
    place: places?.get(number) ?? START,
  }));
  const calls: Call[] = [];
  while (calls.length < limit) {
    const [best] = lists.filter(({ left }) => left.length > 0).toSorted((a, b) => keyOf(b.left[0]) - keyOf(a.left[0]));
    const call = best?.left.shift();
    if (!best || !call) break;
    calls.push(call);
    if (!call.isRunning) best.place = call.id.replace(/^log\./, '');
  }
  const open = lists.flatMap(({ number, left, next, place }) => {
    if (left.length > 0) return [`${number}:${place}`];
    return next === undefined ? [] : [`${number}:${next}`];
  });
  return {
    calls,
    ...(open.length > 0 && { next: open.join(',') }),
    hasLog: processes.some(({ value }) => value.hasLog),
  };
}

/** Higher is newer; what runs stands before what has ended. */
function keyOf(call: Call | undefined): number {
  if (!call) return Number.NEGATIVE_INFINITY;
  return call.isRunning ? call.startedAt + Number.MAX_SAFE_INTEGER / 2 : call.startedAt + (call.durationMs ?? 0);
}
