import { randomUUID } from 'node:crypto';
import type { OwnTool, OwnToolCall } from '../call/own-tools/own-tool.ts';
import type { Route } from '../call/route.ts';
import type { ScriptsSection } from '../config/scripts-section.ts';
import type { Logger } from '../logger.ts';
import { Cancellation } from '../protocol/cancellation.ts';
import type { ScriptIdentity } from '../protocol/exchange.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { type AnswerWithin, ScriptCalls } from './script-calls.ts';
import { ScriptFailedError, ScriptLimitError } from './script-errors.ts';
import type { ScriptThreads } from './script-threads.ts';
import type { ScriptOutcome } from './thread-messages.ts';

const DEFINITION = ObjectText.from({
  name: 'run_script',
  title: 'Run a script',
  description:
    'Run JavaScript (or TypeScript) that calls tools: for many calls, or to take little out of long answers. Only what it returns comes back: ' +
    "{\"code\":\"const all = await Promise.all(['a','b'].map((repo) => api.call('github__list_issues', { repo })));\\nreturn all.flat().map((i) => i.title);\"}. " +
    'It has: await api.call(tool, args), which gives structured content, else parsed JSON, else text, and throws where the tool fails; api.tryCall gives {ok, data} or ' +
    '{ok, error}; api.search(query) as search; api.types(tool) declares its arguments; console.log; sleep(ms). No network, files or import. Nothing is kept between runs.',
  inputSchema: {
    type: 'object',
    properties: { code: { type: 'string', description: 'The body of an async function' } },
    required: ['code'],
    additionalProperties: false,
  },
});

export interface ScriptToolOptions {
  readonly limits: ScriptsSection;
  readonly logger: Logger;
  /** Answers a request that a script makes, on the way of every request. */
  readonly answer: AnswerWithin;
  /**
   * Lets an agent have what a script has made of all that it was given to read: a read of all of that.
   *
   * @throws GATEWAY_FLOW_DENIED where it may no longer have it.
   */
  readonly giveResult: (script: ScriptIdentity, call: OwnToolCall) => Promise<void>;
}

/** `run_script`: runs a script of its caller in a sandbox, whose calls are calls of its caller. The sandbox's code is loaded when the tool is first offered. */
export class ScriptTool implements OwnTool {
  readonly name = 'run_script';
  readonly definition: ObjectText = DEFINITION;
  readonly #options: ScriptToolOptions;
  #limits: ScriptsSection;
  #threads: { readonly of: ScriptsSection; readonly opened: Promise<ScriptThreads> } | undefined;

  constructor(options: ScriptToolOptions) {
    this.#options = options;
    this.#limits = options.limits;
  }

  get isOffered(): boolean {
    return this.#limits.enabled;
  }

  /** Takes over other limits, for scripts that begin from now on; true where the tool comes or goes. */
  limit(limits: ScriptsSection): boolean {
    const isChanged = limits.enabled !== this.#limits.enabled;
    this.#limits = limits;
    return isChanged;
  }

  offered(): void {
    this.#open().catch((error: unknown) => {
      this.#options.logger.warn({ err: error }, 'scripts cannot be run');
    });
  }

  async answer(call: OwnToolCall): Promise<Route> {
    const { exchange } = call;
    const limits = this.#limits;
    const code = call.given.text('code') ?? '';
    if (Buffer.byteLength(code) > limits.maxSourceBytes) throw new ScriptLimitError('source', limits);
    const threads = await this.#open();
    const script: ScriptIdentity = { id: randomUUID() };
    call.runs(script);
    const cancellation = Cancellation.within(exchange.cancellation);
    const calls = new ScriptCalls({ script, call, cancellation, answer: this.#options.answer });
    let outcome: ScriptOutcome;
    try {
      const asked = calls.answer.bind(calls);
      outcome = await threads.run({ code, limits, cancellation, asked }, exchange.peer.key);
    } finally {
      // What a script has begun and not waited for ends with it.
      cancellation.cancel(new Error('The script has ended'));
      cancellation.detach();
    }
    exchange.cancellation.throwIfCancelled();
    await this.#options.giveResult(script, call);
    return { kind: 'own', result: resultOf(outcome, limits) };
  }

  /** Ends all scripts. */
  async close(): Promise<void> {
    const threads = this.#threads;
    this.#threads = undefined;
    await threads?.opened.then(
      (opened) => opened.close(),
      () => {}, // nothing was opened
    );
  }

  /** The threads for the limits of now; those for other ones end with their scripts. */
  #open(): Promise<ScriptThreads> {
    const limits = this.#limits;
    const { maxMemoryBytes, maxRunning } = limits;
    const before = this.#threads;
    if (before?.of.maxMemoryBytes === maxMemoryBytes && before.of.maxRunning === maxRunning) return before.opened;
    before?.opened.then(
      (threads) => threads.retire(),
      () => {}, // told to whoever wanted to run a script
    );
    const opened = import('./script-threads.ts').then(({ ScriptThreads: Threads }) =>
      Threads.open(limits, this.#options.logger),
    );
    this.#threads = { of: limits, opened };
    return opened;
  }
}

/** @throws GATEWAY_SCRIPT_FAILED, or the code of the limit. */
function resultOf({ logs, ...end }: ScriptOutcome, limits: ScriptsSection): ObjectText {
  if (end.kind === 'limit') throw new ScriptLimitError(end.limit, limits);
  const written = logs.length > 0 ? [`console:\n${logs.join('\n')}`] : [];
  if (end.kind === 'threw') throw new ScriptFailedError([end.text, ...written].join('\n'));
  const texts = [...(end.text === undefined ? [] : [end.text]), ...written];
  const told = texts.length > 0 ? texts : ['The script returned nothing. Return what is wanted of it.'];
  return ObjectText.from({ content: told.map((text) => ({ type: 'text', text })) });
}
