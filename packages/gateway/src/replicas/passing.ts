import type { Logger } from '../logger.ts';
import { type PassedOutcome, requestPassed } from '../passed-counts.ts';
import type { HttpResponse } from '../transport/http-contract.ts';
import { ofByteText, type PassedHead, type ReplicaMessageOf, toByteText } from './replica-message.ts';
import type { Replicas } from './replicas.ts';

/** Bytes of a body in one message, and in all: longer requests are not passed on. */
const PART_BYTES = 262_144;
const MAX_BODY_BYTES = 8_388_608;

/** How much is written on before the holder is told, in bytes. */
const TOLD_AFTER_BYTES = 262_144;

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
  part: number;
  untold: number;
  readonly settle: (outcome: Passed) => void;
}

/** What has become of it: its answer has been written, or is none of this gateway's any more; its holder does nothing for it; or nobody has heard of it, though its holder may live. */
export type Passed = 'passed' | 'not taken' | 'not heard';

/** Requests that this gateway has passed to others, until their answers have been written or their clients have gone. */
export class Passing {
  readonly #replicas: Replicas;
  readonly #logger: Logger;
  readonly #open = new Map<number, Open>();
  /** Those who did not hear at the last beat. */
  readonly #unheard = new Set<string>();
  #ids = 0;

  constructor(replicas: Replicas, logger: Logger) {
    this.#replicas = replicas;
    this.#logger = logger;
    replicas.on('part', (part) => this.#part(part));
    replicas.on('closing', ({ id }) => this.#notTaken(id));
    replicas.on('gone', ({ from }) => this.#gone(from));
    replicas.on('unknown', ({ ids }) => {
      for (const id of ids) this.#failed(id, 'message was lost');
    });
    replicas.onBeat(() => this.#lookAfter());
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
    const { to, head, body, response, fail } = passed;
    const from = this.#replicas.name;
    if (body.length > MAX_BODY_BYTES || this.#open.size >= MAX_OPEN) {
      const problem = body.length > MAX_BODY_BYTES ? 'too large' : 'too many';
      requestPassed(COUNTED[problem]);
      fail(problem);
      return 'passed';
    }
    if (from === undefined || !(await this.#replicas.isAlive(to))) {
      requestPassed('not-taken');
      return 'not taken';
    }
    if (response.destroyed) return 'passed';
    const { promise, resolve: settle } = Promise.withResolvers<Passed>();
    const id = ++this.#ids;
    this.#open.set(id, { ...passed, part: 0, untold: 0, settle });
    response.once('close', () => {
      const open = this.#over(id);
      if (!open) return;
      requestPassed('client-left');
      this.#tell(to, { kind: 'left', from, id });
      open.settle('passed');
    });
    try {
      const part = (at: number) => ({
        body: toByteText(body.subarray(at, at + PART_BYTES)),
        hasMore: at + PART_BYTES < body.length,
      });
      if (!(await this.#replicas.tell(to, { kind: 'request', from, id, head, ...part(0) }))) {
        this.#notTaken(id, 'not heard');
        return promise;
      }
      for (let at = PART_BYTES; at < body.length; at += PART_BYTES)
        await this.#replicas.tell(to, { kind: 'body', from, id, ...part(at) });
    } catch (error) {
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
    if (!open || open.to !== from) return;
    if (part !== open.part++) {
      this.#failed(id, 'message was lost');
      return;
    }
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
    open.untold += bytes;
    if (open.untold < TOLD_AFTER_BYTES) return;
    this.#tell(open.to, { kind: 'written', from, id, bytes: open.untold });
    open.untold = 0;
  }

  /** What it had begun it has answered, or named as unknown. */
  #gone(from: string): void {
    for (const [id, { to, part }] of [...this.#open]) {
      if (to !== from) continue;
      if (part > 0) this.#failed(id, 'holder has ended');
      else this.#notTaken(id);
    }
  }

  /** Those who have died answer nothing more; the others say which they know nothing of. */
  #lookAfter(): void {
    const from = this.#replicas.name;
    if (from === undefined) return;
    const holders = new Set([...this.#open.values()].map((open) => open.to));
    for (const to of this.#unheard) if (!holders.has(to)) this.#unheard.delete(to);
    for (const to of holders) {
      this.#replicas
        .isAlive(to)
        .then((isAlive) => {
          // Those of now: one that was passed on while this was asked would be taken for one whose client has left.
          const ids = [...this.#open].filter(([, open]) => open.to === to).map(([id]) => id);
          return isAlive ? this.#askFor(to, from, ids) : this.#allDied(ids);
        })
        .catch(() => undefined); // asked again with the next beat
    }
  }

  /** One that does not hear at two beats in a row has been killed, long before its record is gone; at one of them it may be about to connect again. */
  async #askFor(to: string, from: string, ids: readonly number[]): Promise<void> {
    const isHeard = await this.#replicas.tell(to, { kind: 'open', from, ids });
    if (isHeard) this.#unheard.delete(to);
    else if (this.#unheard.delete(to)) await this.#allDied(ids);
    else this.#unheard.add(to);
  }

  async #allDied(ids: readonly number[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#died(id)));
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
    const open = this.#over(id);
    if (!open) return;
    requestPassed('not-taken');
    open.settle(outcome);
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

/** What cannot be told is not done again. */
async function mayRepeat({ isRepeatable }: PassedOn): Promise<boolean> {
  try {
    return (await isRepeatable?.()) === true;
  } catch {
    return false;
  }
}
