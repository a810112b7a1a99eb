import { itemsIn, QUESTIONS, resultOf } from './call-frames.ts';
import type { Data, Place } from './data.ts';
import { inTime } from './in-time.ts';
import { itemLabels } from './labelling-guard.ts';
import type { Model } from './model.ts';
import type { RawClient } from './raw-clients.ts';
import type { Json, ServedCall } from './scripted-servers.ts';
import type { CallStep, Event } from './steps.ts';
import type { World } from './world.ts';

export interface RunningCallParts {
  readonly step: CallStep;
  /** As its server sees it. */
  readonly call: ServedCall;
  /** Resolves when its client has the answer. */
  readonly over: Promise<unknown>;
  /** What its client says beside the arguments. */
  readonly beside: string;
  readonly client: RawClient;
  readonly requestId: number;
  readonly model: Model;
  readonly data: Data;
  readonly world: World;
  readonly log: string[];
}

/** One call while its server works on it, in the gateway and in the model. */
export class RunningCall {
  /** Answers what its client is asked. */
  onQuestion: (() => Promise<Json>) | undefined;
  /** Nothing more is said in it. */
  isOver = false;
  /** An answer of the client was not sent: what the call gives then is withheld. */
  #isRefused = false;
  readonly #parts: RunningCallParts;

  constructor(parts: RunningCallParts) {
    this.#parts = parts;
  }

  /** The server says something beside the result. */
  async say(method: string): Promise<void> {
    const { call, step, model, data, world } = this.#parts;
    const { agent, server, resource } = step;
    const isGiven = model.read(agent, server, resource);
    const marker = data.add(method, { [`client ${agent}`]: isGiven ? 'given' : 'withheld' });
    const params: Record<string, Json> = {
      'notifications/progress': { progressToken: call.progressToken, progress: 1, message: marker },
      'notifications/message': { level: 'error', data: marker },
    };
    await world.untilDecided(1, 'down', method, () =>
      call.tell({ method, params: params[method] ?? { said: marker } }),
    );
  }

  /** The server asks its client something. */
  async ask({ method, refuses }: Extract<Event, { kind: 'ask' }>): Promise<void> {
    const { call, step, model, data, log, over, beside } = this.#parts;
    const { agent, server, operation, resource } = step;
    const isModernClient = agent.endsWith('/');
    // Between a modern client and a modern server a question is an answer of its own, and going on with the call a call.
    const isAnswer = isModernClient && call.isModern;
    if (isAnswer && itemsIn(step)) return;
    // In the modern era completing asks nothing.
    if ((isModernClient || call.isModern) && step.via === 'completion/complete') return;
    const isAsked = isAnswer
      ? model.parts(agent, server, operation, resource, [null])[0] === 'given'
      : model.read(agent, server, resource);
    const question = data.add('a question', { [`client ${agent}`]: isAsked ? 'given' : 'withheld' });
    const answer = data.add('the answer to it');
    const isError = refuses && !isModernClient && !call.isModern;
    this.onQuestion = async () => {
      const isSent = model.call(agent, server, operation, resource, true);
      if (!isSent) this.#isRefused = true;
      log.push(`  the answer is ${isSent ? 'sent' : 'refused'}; ${agent} is ${JSON.stringify(model.label(agent))}`);
      data.decide(answer, `server ${server}`, isSent ? 'given' : 'withheld');
      // Between a modern client and a modern server the whole call is sent once more.
      if (isAnswer && isSent) data.decide(beside, `server ${server}`, 'given');
      if (isError) return { error: { code: -1, message: answer } };
      return method === 'elicitation/create'
        ? { action: 'accept', content: { said: answer } }
        : { role: 'assistant', content: { type: 'text', text: answer }, model: 'm' };
    };
    const asked = call.ask(method, { ...QUESTIONS[method], message: question, systemPrompt: question });
    const ended = await inTime(
      Promise.race([asked.then(() => undefined), over.then((answer) => ({ answer }))]),
      `the answer to a question of ${server}`,
    );
    const mayEnd = call.isModern && (!isAsked || this.#isRefused);
    if (ended && !mayEnd) throw new Error(`the call must go on, and ended: ${JSON.stringify(ended)}`);
    this.isOver = mayEnd;
  }

  /** The server answers, or the client cancels. */
  async finish(): Promise<void> {
    const { call, step, model, data, client, requestId, over } = this.#parts;
    const { agent, server, operation, resource, via, end } = step;
    const place: Place = `client ${agent}`;
    if (end === 'cancelled' && !agent.endsWith('/')) {
      const reason = data.add('the reason for a cancel');
      await client.notify('notifications/cancelled', { requestId, reason });
      // It may have been sent to another gateway than the call.
      await inTime(over, 'the end of a call that was cancelled');
      return call.answer({
        error: { code: -1, message: data.add('what comes after a cancel', { [place]: 'unclear' }) },
      });
    }
    if (end === 'error') {
      const isGiven = !this.#isRefused && model.read(agent, server, resource);
      const marker = data.add('an error', { [place]: isGiven ? 'given' : 'withheld' });
      return call.answer({ error: { code: -1, message: marker, data: { said: marker } } });
    }
    const labelled = itemsIn(step);
    const items = labelled ? itemLabels(labelled) : [null];
    const parts = end === 'meta' ? [...items, null] : items;
    const fates = this.#isRefused
      ? parts.map(() => 'withheld' as const)
      : model.parts(agent, server, operation, resource, parts);
    const markers = fates.map((fate) => data.add('a part of a result', { [place]: fate }));
    const meta = end === 'meta' ? { _meta: { said: markers.at(-1) } } : {};
    call.answer({ result: { ...resultOf(via, server, markers.slice(0, items.length)), ...meta } });
  }
}
