import { type Era, MetaKey, MODERN_VERSION } from '../../src/protocol/era.ts';
import { openHttpWire } from './http-wire.ts';
import { openPipeWire } from './pipe-wire.ts';
import { itemsOf, membersOf } from './raw-json.ts';
import { openSseWire } from './sse-wire.ts';
import type { OutFrame, Target, Wire, WireEvents } from './wire.ts';

type Json = Readonly<Record<string, unknown>>;

/** What came for one request: texts as they were written. */
export interface Answer {
  /** `none`: no answer within the time, or nothing more can come; `text` says why. */
  readonly kind: 'result' | 'error' | 'none';
  readonly text: string;
  /** The parameters of progress notifications for it, without their token. */
  readonly progress: readonly string[];
}

/** A notification or request that came from the server. */
export interface Told {
  readonly method: string;
  readonly params: string;
}

/** How it answers what it is asked. */
const ANSWERS: Json = {
  ping: {},
  'roots/list': { roots: [{ uri: 'file:///zoo', name: 'zoo' }] },
  'sampling/createMessage': { role: 'assistant', model: 'none', content: { type: 'text', text: 'sampled' } },
  'elicitation/create': { action: 'accept', content: { name: 'ada' } },
};

const CAPABILITIES = { sampling: {}, roots: { listChanged: true }, elicitation: {} };
const CLIENT = { name: 'zoo', version: '1.0.0' };

const ENVELOPE = {
  [MetaKey.protocolVersion]: MODERN_VERSION,
  [MetaKey.clientInfo]: CLIENT,
  [MetaKey.logLevel]: 'debug',
};

/** Questions within a modern call, at most. */
const MAX_LEGS = 5;

/** A client that reads frames as texts, and answers what it is asked with fixed words. One request at a time. */
export class RawPeer implements AsyncDisposable {
  /** All that the server said of itself, but for progress. */
  readonly told: Told[] = [];
  readonly asked: Told[] = [];
  readonly #era: Era;
  readonly #capabilities: Json;
  #wire: Wire | undefined;
  #nextId = 0;
  #lost: string | undefined;
  #waiting: { readonly id: number; readonly progress: string[]; readonly done: (answer: Answer) => void } | undefined;
  #lastHeard = performance.now();

  private constructor(era: Era, capabilities: Json) {
    this.#era = era;
    this.#capabilities = capabilities;
  }

  /**
   * Opens the wire; the handshake is left to who asks.
   *
   * @param canBeAsked - Whether it says that it can sample, answer for its user and list roots.
   */
  static async open(target: Target, era: Era, canBeAsked = true): Promise<RawPeer> {
    const peer = new RawPeer(era, canBeAsked ? CAPABILITIES : {});
    const events: WireEvents = { frame: (text) => peer.#take(text), lost: (reason) => peer.#lose(reason) };
    peer.#wire = await openWire(target, era, events);
    return peer;
  }

  /** Sends a request and waits for its answer, at most this long. */
  async request(method: string, params: Json = {}, limitMs = 30_000): Promise<Answer> {
    let answer = await this.#leg(method, params, limitMs);
    for (let leg = 1; leg < MAX_LEGS && this.#era === 'modern'; leg++) {
      const members = answer.kind === 'result' ? membersOf(answer.text) : undefined;
      if (members?.get('resultType') !== '"input_required"') break;
      const requests = [...(membersOf(members.get('inputRequests') ?? '{}') ?? [])];
      const inputResponses = Object.fromEntries(
        requests.map(([key, text]) => {
          const asked = membersOf(text);
          const method = JSON.parse(asked?.get('method') ?? '""') as string;
          this.asked.push({ method, params: asked?.get('params') ?? '' });
          return [key, ANSWERS[method]];
        }),
      );
      const requestState = members.get('requestState');
      const next = {
        ...params,
        inputResponses,
        ...(requestState !== undefined && { requestState: JSON.parse(requestState) }),
      };
      const { progress } = answer;
      answer = await this.#leg(method, next, limitMs);
      answer = { ...answer, progress: [...progress, ...answer.progress] };
    }
    return answer;
  }

  /** What `initialize` is asked with. */
  get hello(): Json {
    return { protocolVersion: '2025-11-25', capabilities: this.#capabilities, clientInfo: CLIENT };
  }

  async notify(method: string, params?: Json): Promise<void> {
    await this.#wire?.send({ jsonrpc: '2.0', method, ...(params && { params }) });
  }

  /** Resolves once nothing has come for this long, or after ten times that. */
  async quiet(forMs: number): Promise<void> {
    const end = performance.now() + 10 * forMs;
    while (performance.now() < end) {
      const left = this.#lastHeard + forMs - performance.now();
      if (left <= 0) return;
      await new Promise<void>((resolve) => void setTimeout(resolve, left));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#wire?.[Symbol.asyncDispose]();
  }

  async #leg(method: string, params: Json, limitMs: number): Promise<Answer> {
    if (this.#lost !== undefined) return { kind: 'none', text: this.#lost, progress: [] };
    const id = ++this.#nextId;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const progress: string[] = [];
    this.#waiting = { id, progress, done: resolve };
    const tooLate = setTimeout(() => resolve({ kind: 'none', text: 'no answer in time', progress }), limitMs);
    const envelope = { ...ENVELOPE, [MetaKey.clientCapabilities]: this.#capabilities };
    const meta = { ...(params._meta as Json), progressToken: `token-${id}`, ...(this.#era === 'modern' && envelope) };
    try {
      await this.#wire?.send({ jsonrpc: '2.0', id, method, params: { ...params, _meta: meta } });
      return await promise;
    } finally {
      clearTimeout(tooLate);
      this.#waiting = undefined;
    }
  }

  #take(text: string): void {
    this.#lastHeard = performance.now();
    if (text.startsWith('[')) {
      for (const part of itemsOf(text) ?? []) this.#take(part);
      return;
    }
    const frame = parsed(text);
    if (frame?.jsonrpc !== '2.0') return;
    const members = membersOf(text);
    if (typeof frame.method === 'string') {
      const told = { method: frame.method, params: members?.get('params') ?? '' };
      if (frame.id === undefined) this.#hear(told);
      else this.#answer(frame.id as string | number, told);
      return;
    }
    // An error without an id is for what was asked last: nothing else is being asked.
    if (frame.id !== this.#waiting?.id && frame.id !== null && frame.id !== undefined) return;
    const kind = members?.has('error') ? 'error' : 'result';
    this.#waiting?.done({ kind, text: members?.get(kind) ?? '', progress: this.#waiting.progress });
  }

  #hear(told: Told): void {
    const { progressToken, ...progress } = told.method === 'notifications/progress' ? JSON.parse(told.params) : {};
    if (progressToken !== undefined && progressToken === `token-${this.#waiting?.id}`) {
      this.#waiting?.progress.push(JSON.stringify(progress));
    } else this.told.push(told);
  }

  #answer(id: string | number, told: Told): void {
    if (told.method !== 'ping') this.asked.push(told);
    const result = ANSWERS[told.method];
    const error = { code: -32_601, message: 'Method not found' };
    const frame: OutFrame = { jsonrpc: '2.0', id, ...(result === undefined ? { error } : { result }) };
    void this.#wire?.send(frame).catch(() => {});
  }

  #lose(reason: string): void {
    const waiting = this.#waiting;
    if (/^the program ended|^spawn/.test(reason)) this.#lost = reason;
    waiting?.done({ kind: 'none', text: reason, progress: waiting.progress });
  }
}

function openWire(target: Target, era: Era, events: WireEvents): Promise<Wire> {
  switch (target.kind) {
    case 'pipe':
      return openPipeWire(target.program, events);
    case 'http':
      return openHttpWire(target.url, era, events);
    case 'sse':
      return openSseWire(target.url, events);
    default: {
      const unknown: never = target;
      throw new TypeError(String(unknown));
    }
  }
}

/** Programs write other lines as well. */
function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
