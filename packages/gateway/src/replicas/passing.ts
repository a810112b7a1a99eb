import type { Logger } from '../logger.ts';
import { requestPassed } from '../passed-counts.ts';
import { StateError } from '../state/state-error.ts';
import { whenOver } from '../transport/when-over.ts';
import { OpenRequests, TOLD_AGAIN_MS } from './open-requests.ts';
import { COUNTED, isMissing, type Open, type Passed, type PassedOn, type PassingProblem } from './passed-on.ts';
import { RecentGateways } from './recent-gateways.ts';
import { ofByteText, type ReplicaMessageOf, toByteText } from './replica-message.ts';
import type { Replicas } from './replicas.ts';

/** Bytes of a body in one message. */
const PART_BYTES = 262_144;
/** Bytes of a body: longer requests are not passed on. */
export const MAX_PASSED_BYTES = 8_388_608;

/** How much is written on before the holder is told, in bytes. */
const TOLD_AFTER_BYTES = 262_144;

/** Requests that may be under way to others at once. */
const MAX_OPEN = 10_000;

/** How long this gateway may hear nothing of the others before it passes nothing more to them, and before what waits for an answer is told that none comes, in milliseconds. */
const PASSES_UNHEARD_MS = 2_000;
const WAITS_UNHEARD_MS = 8_000;

/** Requests that this gateway has passed to others, until their answers have been written or their clients have gone. */
export class Passing {
  readonly #replicas: Replicas;
  readonly #logger: Logger;
  readonly #open: OpenRequests;
  /** The last request that was passed to each. */
  readonly #last = new RecentGateways<number>();
  #ids = 0;

  constructor(replicas: Replicas, logger: Logger) {
    this.#replicas = replicas;
    this.#logger = logger;
    this.#open = new OpenRequests(replicas, (id) => this.#died(id));
    replicas.on('part', (part) => this.#part(part));
    replicas.on('closing', ({ id }) => this.#notTaken(id));
    replicas.on('gone', ({ from }) => this.#gone(from));
    replicas.on('missed', ({ ids }) => {
      for (const id of ids) this.#notTaken(id, 'not heard');
    });
    replicas.on('unknown', ({ ids }) => {
      for (const id of ids) this.#failed(id, 'message was lost');
    });
    const allFailed = (problem: PassingProblem): void => {
      for (const [id] of this.#open.all()) this.#failed(id, problem);
    };
    replicas.onGap(() => allFailed('message was lost'));
    replicas.onBeat(() => {
      if (replicas.deafForMs > WAITS_UNHEARD_MS) allFailed('holder is not heard');
    });
  }

  /**
   * Passes a request on and writes the answer. `not taken` where its holder has ended, or is about to, before it had it, or at work on what may be done again.
   *
   * @throws GATEWAY_STATE
   */
  async pass(passed: PassedOn): Promise<Passed> {
    if (this.#replicas.deafForMs > PASSES_UNHEARD_MS) {
      requestPassed(COUNTED['hears nothing']);
      passed.fail('hears nothing');
      return 'passed';
    }
    const client = { left: () => {} };
    // Once, however often it is told.
    whenOver(passed.response, () => client.left());
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
    if (body.length > MAX_PASSED_BYTES || this.#open.size >= MAX_OPEN) {
      const problem = body.length > MAX_PASSED_BYTES ? 'too large' : 'too many';
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
    this.#open.add(id, open);
    const before = this.#last.get(to) ?? 0;
    this.#last.set(to, id);
    client.left = () => {
      if (!this.#open.take(id)) return;
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
        this.#open.askAbout(to);
        return promise;
      }
      if (this.#open.take(id)) requestPassed('state-away');
      throw error;
    }
    return promise;
  }

  /** Streams come to their end; their clients open them again elsewhere. */
  endStreams(): void {
    for (const [id, { to, head, response }] of this.#open.all()) {
      if (head.method !== 'GET') continue;
      const from = this.#replicas.name;
      if (from !== undefined) this.#tell(to, { kind: 'left', from, id });
      this.#open.take(id)?.settle('passed');
      response.end();
    }
  }

  /** This gateway ends: streams as well, and what has no answer now gets none. */
  close(): void {
    this.endStreams();
    for (const [id] of this.#open.all()) this.#failed(id, 'holder has ended');
  }

  #part({ id, from, part, head, body, isLast }: ReplicaMessageOf<'part'>): void {
    const open = this.#open.get(id);
    if (!open || open.to !== from || part < open.part) return;
    if (part > open.part) {
      this.#open.askAgain(open);
      return;
    }
    open.part += 1;
    const { response } = open;
    if (isLast) {
      requestPassed('answered');
      this.#open.take(id)?.settle('passed');
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
    for (const [id, open] of this.#open.of(from)) {
      if (isMissing(open)) void this.#died(id);
      else if (open.part > 0) this.#failed(id, 'holder has ended');
      else this.#notTaken(id);
    }
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
    this.#open.take(id)?.settle(outcome);
  }

  #failed(id: number, problem: PassingProblem): void {
    const open = this.#open.take(id);
    if (!open) return;
    requestPassed(COUNTED[problem]);
    this.#logger.warn({ replica: open.to, problem }, 'a request that was passed to another gateway has no answer');
    open.fail(problem);
    open.settle('passed');
  }

  /** A message that is lost is noticed with the next beat. */
  #tell(to: string, message: Parameters<Replicas['tell']>[1]): void {
    this.#replicas.tell(to, message).catch(() => undefined);
  }
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
