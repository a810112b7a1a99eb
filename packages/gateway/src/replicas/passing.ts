import type { Logger } from '../logger.ts';
import { type PassedOutcome, requestPassed } from '../passed-counts.ts';
import { StateError } from '../state/state-error.ts';
import type { HttpResponse } from '../transport/http-contract.ts';
import { ofByteText, type PassedHead, type ReplicaMessageOf, toByteText, type UnderWay } from './replica-message.ts';
import type { Replicas } from './replicas.ts';

/** Bytes of a body in one message, and in all: longer requests are not passed on. */
const PART_BYTES = 262_144;
const MAX_BODY_BYTES = 8_388_608;

/** How much is written on before the holder is told, in bytes. */
const TOLD_AFTER_BYTES = 262_144;

/** Pauses before one that does not hear is told again, in milliseconds: where it lives its connection is there again in a moment. */
const TOLD_AGAIN_MS = [100, 200, 400] as const;

/** Requests that may be under way to others at once. */
const MAX_OPEN = 10_000;

/** Why an answer does not come, or comes to no end. */
export type PassingProblem = 'holder has ended' | 'message was lost' | 'too large' | 'too many';

const COUNTED: Readonly<Record<PassingProblem, PassedOutcome>> = {
  'holder has ended': 'holder-ended',
  'message was lost': 'message-lost',
  'too large': 'too-large',
  'too many': 'too-many',
};

export interface PassedOn {
  readonly to: string;
  readonly head: PassedHead;
  readonly body: Buffer;
  readonly response: HttpResponse;
  /** Sent with every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether it may be done twice, where it may: then it is where its holder dies at work on it. */
  readonly isRepeatable?: () => Promise<boolean>;
  /** Ends the answer, which may have begun. */
  readonly fail: (problem: PassingProblem) => void;
}

interface Open extends PassedOn {
  /** Bytes of its body that have been told. */
  told: number;
  /** The part of the answer that comes next. */
  part: number;
  /** The part that was asked for again. */
  askedFor: number | undefined;
  /** Bytes of the answer that the client has taken, and of how many of them the holder knows. */
  written: number;
  writtenTold: number;
  readonly settle: (outcome: Passed) => void;
}

/** What has become of it: its answer has been written, or is none of this gateway's any more; its holder does nothing for it; or its holder does not hear, though it may live. */
export type Passed = 'passed' | 'not taken' | 'not heard';

/** Requests that this gateway has passed to others, until their answers have been written or their clients have gone. */
export class Passing {
  readonly #replicas: Replicas;
  readonly #logger: Logger;
  readonly #open = new Map<number, Open>();
  /** Those who did not hear at the last beat. */
  readonly #unheard = new Set<string>();
  /** The last request that was passed to each. */
  readonly #last = new Map<string, number>();
  #ids = 0;

  constructor(replicas: Replicas, logger: Logger) {
    this.#replicas = replicas;
    this.#logger = logger;
    replicas.on('part', (part) => this.#part(part));
    replicas.on('closing', ({ id }) => this.#notTaken(id));
    replicas.on('gone', ({ from }) => this.#gone(from));
    replicas.on('missed', ({ ids }) => {
      for (const id of ids) this.#notTaken(id, 'not heard');
    });
    replicas.on('unknown', ({ ids }) => {
      for (const id of ids) this.#failed(id, 'message was lost');
    });
    replicas.onBeat(() => this.#lookAfter());
    replicas.onRenewed(() => this.#askAllAgain());
    replicas.onGap(() => {
      for (const id of [...this.#open.keys()]) this.#failed(id, 'message was lost');
    });
  }

  /**
   * Passes a request on and writes the answer. `not taken` where its holder has ended, or is about to, before it had it, or at work on what may be done again.
   *
   * @throws GATEWAY_STATE
   */
  async pass(passed: PassedOn): Promise<Passed> {
    const client = { left: () => {} };
    // Once, however often it is told.
    passed.response.once('close', () => client.left());
    let outcome = await this.#pass(passed, client);
    for (const pause of TOLD_AGAIN_MS) {
      if (outcome !== 'not heard') break;
      await new Promise<void>((resolve) => setTimeout(resolve, pause));
      outcome = await this.#pass(passed, client);
    }
    if (outcome !== 'passed') requestPassed('not-taken');
    return outcome;
  }

  async #pass(passed: PassedOn, client: { left: () => void }): Promise<Passed> {
    const { to, head, body, response, fail } = passed;
    const from = this.#replicas.name;
    if (body.length > MAX_BODY_BYTES || this.#open.size >= MAX_OPEN) {
      const problem = body.length > MAX_BODY_BYTES ? 'too large' : 'too many';
      requestPassed(COUNTED[problem]);
      fail(problem);
      return 'passed';
    }
    if (from === undefined || !(await this.#replicas.isAlive(to))) {
      this.#last.delete(to);
      return 'not taken';
    }
    if (response.destroyed) return 'passed';
    const { promise, resolve: settle } = Promise.withResolvers<Passed>();
    const id = ++this.#ids;
    const open: Open = { ...passed, told: 0, part: 0, askedFor: undefined, written: 0, writtenTold: 0, settle };
    this.#open.set(id, open);
    const before = this.#last.get(to) ?? 0;
    this.#last.set(to, id);
    client.left = () => {
      if (!this.#over(id)) return;
      requestPassed('client-left');
      this.#tell(to, { kind: 'left', from, id });
      settle('passed');
    };
    try {
      const part = (at: number) => {
        const bytes = body.subarray(at, at + PART_BYTES);
        open.told += bytes.length;
        return { body: toByteText(bytes), hasMore: open.told < body.length };
      };
      if (!(await this.#replicas.tell(to, { kind: 'request', from, id, before, head, ...part(0) }))) {
        this.#notTaken(id, 'not heard');
        return promise;
      }
      for (let at = PART_BYTES; at < body.length; at += PART_BYTES)
        await this.#replicas.tell(to, { kind: 'body', from, id, at, ...part(at) });
    } catch (error) {
      if (mayBeHeard(error)) {
        // Its holder says whether it has heard it, and all of it.
        open.told = body.length;
        this.#askFor(to).catch(() => undefined); // asked again with the next beat
        return promise;
      }
      if (this.#over(id)) requestPassed('state-away');
      throw error;
    }
    return promise;
  }

  /** Streams come to their end; their clients open them again elsewhere. */
  endStreams(): void {
    for (const [id, { to, head, response }] of [...this.#open]) {
      if (head.method !== 'GET') continue;
      const from = this.#replicas.name;
      if (from !== undefined) this.#tell(to, { kind: 'left', from, id });
      this.#over(id)?.settle('passed');
      response.end();
    }
  }

  /** This gateway ends: streams as well, and what has no answer now gets none. */
  close(): void {
    this.endStreams();
    for (const id of [...this.#open.keys()]) this.#failed(id, 'holder has ended');
  }

  #part({ id, from, part, head, body, isLast }: ReplicaMessageOf<'part'>): void {
    const open = this.#open.get(id);
    if (!open || open.to !== from || part < open.part) return;
    if (part > open.part) {
      this.#askAgain(open);
      return;
    }
    open.part += 1;
    const { response } = open;
    if (isLast) {
      requestPassed('answered');
      this.#over(id)?.settle('passed');
    }
    if (head) response.writeHead(head.status, { ...head.headers, ...open.headers });
    const bytes = ofByteText(body);
    if (isLast) response.end(bytes);
    else if (bytes.length > 0) response.write(bytes, () => this.#written(id, bytes.length));
    else response.flushHeaders();
  }

  #written(id: number, bytes: number): void {
    const open = this.#open.get(id);
    const from = this.#replicas.name;
    if (!open || from === undefined) return;
    open.written += bytes;
    if (open.written - open.writtenTold < TOLD_AFTER_BYTES) return;
    this.#tell(open.to, { kind: 'written', from, id, bytes: open.written });
    open.writtenTold = open.written;
  }

  /** What it had begun it has answered, or named as unknown; where that may have been missed, it may have been done. */
  #gone(from: string): void {
    this.#last.delete(from);
    for (const [id, open] of [...this.#open]) {
      if (open.to !== from) continue;
      if (isMissing(open)) void this.#died(id);
      else if (open.part > 0) this.#failed(id, 'holder has ended');
      else this.#notTaken(id);
    }
  }

  /** Answers may have come while nothing was heard. */
  #askAllAgain(): void {
    for (const open of this.#open.values()) open.askedFor = open.part;
    for (const to of this.#holders()) this.#askFor(to).catch(() => undefined); // asked again with the next beat
  }

  /** Once for each part: what comes after it arrives again as well. */
  #askAgain(open: Open): void {
    if (isMissing(open)) return;
    open.askedFor = open.part;
    this.#askFor(open.to).catch(() => undefined);
  }

  #holders(): ReadonlySet<string> {
    return new Set([...this.#open.values()].map(({ to }) => to));
  }

  #of(holder: string): readonly (readonly [id: number, open: Open])[] {
    return [...this.#open].filter(([, { to }]) => to === holder);
  }

  /** Those who have died answer nothing more; the others say which they know nothing of. */
  #lookAfter(): void {
    const holders = this.#holders();
    for (const to of this.#unheard) if (!holders.has(to)) this.#unheard.delete(to);
    for (const to of holders) {
      this.#replicas
        .isAlive(to)
        .then((isAlive) => (isAlive ? this.#askAtBeat(to) : this.#allDied(this.#of(to))))
        .catch(() => undefined); // asked again with the next beat
    }
  }

  /** One that does not hear at one beat, nor in the moment after it, nor at the next, has been killed, long before its record is gone; one that connects again hears in between. */
  async #askAtBeat(to: string): Promise<void> {
    const asked = this.#of(to);
    if (await this.#askFor(to)) this.#unheard.delete(to);
    else if (this.#unheard.delete(to)) await this.#allDied(asked);
    else if (!(await this.#hearsInAMoment(to))) this.#unheard.add(to);
  }

  async #hearsInAMoment(to: string): Promise<boolean> {
    for (const pause of TOLD_AGAIN_MS) {
      await new Promise<void>((resolve) => setTimeout(resolve, pause));
      if (this.#of(to).length === 0 || (await this.#askFor(to))) return true;
    }
    return false;
  }

  /** Names all of now: one that was passed on while something else was asked would be taken for one whose client has left. */
  async #askFor(to: string): Promise<boolean> {
    const from = this.#replicas.name;
    if (from === undefined) return true;
    const requests = this.#of(to).map(
      ([id, open]): UnderWay => ({
        id,
        told: open.told,
        part: open.part,
        isMissed: isMissing(open),
        written: open.written,
      }),
    );
    return this.#replicas.tell(to, { kind: 'open', from, requests });
  }

  async #allDied(asked: readonly (readonly [id: number, open: Open])[]): Promise<void> {
    await Promise.all(asked.map(([id]) => this.#died(id)));
  }

  /** What may have been done is done again only where it says so; a stream that has not begun is opened elsewhere. */
  async #died(id: number): Promise<void> {
    const open = this.#open.get(id);
    const may = open?.part === 0 && (open.head.method === 'GET' || (await mayRepeat(open)));
    if (may && open.part === 0) this.#notTaken(id);
    else this.#failed(id, 'holder has ended');
  }

  /** Nothing was done of it, or it does not matter. */
  #notTaken(id: number, outcome: 'not taken' | 'not heard' = 'not taken'): void {
    this.#over(id)?.settle(outcome);
  }

  #failed(id: number, problem: PassingProblem): void {
    const open = this.#over(id);
    if (!open) return;
    requestPassed(COUNTED[problem]);
    this.#logger.warn({ replica: open.to, problem }, 'a request that was passed to another gateway has no answer');
    open.fail(problem);
    open.settle('passed');
  }

  #over(id: number): Open | undefined {
    const open = this.#open.get(id);
    this.#open.delete(id);
    return open;
  }

  /** A message that is lost is noticed with the next beat. */
  #tell(to: string, message: Parameters<Replicas['tell']>[1]): void {
    this.#replicas.tell(to, message).catch(() => undefined);
  }
}

/** Whether the part that comes next has been asked for again, and has not come yet. */
function isMissing({ askedFor, part }: Open): boolean {
  return askedFor === part;
}

/** The store was told, and was lost before it said so. */
function mayBeHeard(error: unknown): boolean {
  return error instanceof StateError && error.problem.kind === 'unreachable' && error.problem.mayBeDone === true;
}

/** What cannot be told is not done again. */
async function mayRepeat({ isRepeatable }: PassedOn): Promise<boolean> {
  try {
    return (await isRepeatable?.()) === true;
  } catch {
    return false;
  }
}
