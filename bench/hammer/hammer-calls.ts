import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { CrashLoopError } from '@lockgate/runtime';
import { CallAbort } from './call-abort.ts';
import type { CallEnd, CallKind } from './call-kinds.ts';
import type { Draw } from './draw.ts';
import type { Guests } from './guests.ts';
import type { Tally } from './tally.ts';
import { turns } from './turns.ts';

const CALLERS = 64;
const ABORTED_SHARE = 0.1;
/** Inline calls that never wait would keep the event loop from turning. */
const CALLS_PER_TURN = 8;
const HANG_MS = 120_000;

/** What is hammered, how often, and what is drawn for each call. */
export interface HammerOptions {
  readonly guests: Guests;
  readonly kinds: readonly CallKind[];
  readonly calls: number;
  readonly draw: Draw;
  /** Counts them. */
  readonly tally: Tally;
}

/**
 * Makes so many calls of all kinds from 64 callers at once, aborts every tenth, and checks each end.
 *
 * @throws Error that names the calls which have not ended, when none ends for two minutes.
 */
export async function hammerCalls({ guests, kinds, calls, draw, tally }: HammerOptions): Promise<void> {
  const running = new Map<number, string>();
  const table = kinds.flatMap((kind) => Array.from({ length: kind.share }, () => kind));
  let next = 0;

  const caller = async (): Promise<void> => {
    for (let made = 0; next < calls; made += 1) {
      const call = next;
      next += 1;
      const kind = table[Math.floor(draw(call, 'kind') * table.length)] as CallKind;
      running.set(call, kind.name);
      await makeOne({ guests, call, kind, tally, abort: abortOf(call, draw) });
      running.delete(call);
      if (made % CALLS_PER_TURN === 0) await turns(1);
    }
  };

  const over = new AbortController();
  const { versions, extism, component } = guests;
  const changes = Promise.all([versions, extism, component].map((one) => one?.change(over.signal)));
  const callers = Promise.all(Array.from({ length: CALLERS }, caller));
  await Promise.race([callers, hang(running, () => next + tally.rests, over.signal), changes.then(() => callers)]);
  over.abort();
  await changes;
}

interface OneCall {
  readonly guests: Guests;
  readonly call: number;
  readonly kind: CallKind;
  readonly tally: Tally;
  readonly abort: CallAbort | undefined;
}

async function makeOne({ guests, call, kind, tally, abort }: OneCall): Promise<void> {
  const options = abort ? { signal: abort.signal, onStart: abort.onStart } : {};
  const made = kind.call(guests, call, options);
  if (made === undefined) return; // its guest cannot run here
  abort?.begin();
  const end = await made.then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  );
  if ('error' in end && end.error instanceof CrashLoopError) {
    tally.rests += 1;
    await pause(end.error.facts.retryAfterMs);
    return makeOne({ guests, call, kind, tally, abort: undefined });
  }
  const isAborted = abort !== undefined && 'error' in end && end.error === abort.reason;
  const problem = abort?.problemWith(isAborted) ?? (isAborted ? undefined : difference(end, kind.mustGive(call)));
  if (problem !== undefined) tally.complain(kind.name, call, problem);
  else tally.count(kind.name, isAborted ? 'aborted' : 'right');
}

function abortOf(call: number, draw: Draw): CallAbort | undefined {
  return draw(call, 'abort') < ABORTED_SHARE ? new CallAbort(call, draw) : undefined;
}

function difference(end: { answer: unknown } | { error: unknown }, expected: CallEnd): string | undefined {
  if ('error' in end) {
    const code = (end.error as { readonly code?: string }).code ?? String(end.error);
    if ('code' in expected && expected.code === code) return undefined;
    return `rejected with ${code}, and must ${'code' in expected ? `reject with ${expected.code}` : 'give an answer'}: ${end.error}`;
  }
  if ('code' in expected) return `gave ${short(end.answer)}, and must reject with ${expected.code}`;
  if (isDeepStrictEqual(end.answer, expected.answer)) return undefined;
  return `gave ${short(end.answer)}, and must give ${short(expected.answer)}`;
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 200 ? `${text.slice(0, 100)}…${text.slice(-50)} (${text.length} characters)` : text;
}

/** Rejects when nothing has happened for long. */
async function hang(running: ReadonlyMap<number, string>, progress: () => number, over: AbortSignal): Promise<never> {
  for (let before = -1; progress() !== before; ) {
    before = progress();
    await pause(HANG_MS, undefined, { signal: over });
  }
  const names = [...running].map(([call, kind]) => `${call} (${kind})`).join(', ');
  throw new Error(`no call has ended for ${HANG_MS / 1_000} s; inside are ${names}`);
}
