import type { ToolResult } from '@lockgate/abi';
import type { CreateModuleOptions, ModuleSubject, SubjectCallOptions } from '../../src/index.ts';
import { ReferencePlugin } from './reference-plugin.ts';

/** Faults of what stands between the callers and a module that is right: it remembers, joins, repeats or does not ask. */
export type FrontFault =
  | 'answers memoised'
  | 'same calls joined'
  | 'healthy without asking'
  | 'settings merged'
  | 'request repeated when it is lost'
  | 'request repeated when it is refused'
  | 'response of the request before'
  | 'lost request answered'
  | 'text normalised'
  | 'arguments emptied'
  | 'name memoised past close'
  | 'tools memoised past close'
  | 'metadata memoised past close'
  | 'health memoised past close'
  | 'trapped call tried again'
  | 'trapped call run again by the next'
  | 'close fails after a trap'
  | 'close hangs after a trap';

type Question = 'name' | 'tools' | 'metadata' | 'healthy';

/** The reference module behind a front that is wrong in one way. */
export class ReferenceFront implements ModuleSubject {
  readonly #plugin: ReferencePlugin;
  readonly #fault: FrontFault;
  readonly #answers = new Map<string, Promise<ToolResult>>();
  readonly #asked = new Map<string, Promise<unknown>>();
  #settings: Readonly<Record<string, string>> = {};
  #unfinished: (() => Promise<unknown>) | undefined;
  #lastTrapped = false;

  constructor(options: CreateModuleOptions, fault: FrontFault) {
    this.#plugin = new ReferencePlugin({ ...options, fetch: repeating(options.fetch, fault) });
    this.#fault = fault;
  }

  async execute(tool: string, args: Readonly<Record<string, unknown>>, options?: SubjectCallOptions) {
    const call = (): Promise<ToolResult> => this.#plugin.execute(tool, args, options);
    const key = JSON.stringify([tool, args]);
    switch (this.#fault) {
      case 'answers memoised':
      case 'same calls joined': {
        const known = this.#answers.get(key) ?? call();
        this.#answers.set(key, known);
        const forget = (): unknown => this.#answers.delete(key);
        known.then(this.#fault === 'same calls joined' ? forget : undefined, forget);
        return known;
      }
      case 'text normalised': {
        const answer = await call();
        return { ...answer, data: answer.data.normalize() };
      }
      case 'arguments emptied':
        return call().finally(() => Reflect.deleteProperty(args, 'message'));
      case 'trapped call tried again':
        return call().catch(call);
      case 'trapped call run again by the next':
        await this.#unfinished?.().catch(() => undefined);
        this.#unfinished = undefined;
        return call().catch((error: unknown) => {
          this.#unfinished = call;
          throw error;
        });
      default:
        try {
          const answer = await call();
          this.#lastTrapped = false;
          return answer;
        } catch (error) {
          this.#lastTrapped = true;
          throw error;
        }
    }
  }

  configure(settings: Readonly<Record<string, string>>): Promise<void> {
    this.#settings = this.#fault === 'settings merged' ? { ...this.#settings, ...settings } : settings;
    return this.#plugin.configure(this.#settings);
  }

  name(): Promise<string> {
    return this.#ask('name', 'name memoised past close', () => this.#plugin.name());
  }

  tools(): Promise<readonly object[] | null> {
    return this.#ask('tools', 'tools memoised past close', () => this.#plugin.tools());
  }

  metadata(): Promise<object | null> {
    return this.#ask('metadata', 'metadata memoised past close', () => this.#plugin.metadata());
  }

  async healthy(): Promise<boolean> {
    const asked = await this.#ask('healthy', 'health memoised past close', () => this.#plugin.healthy());
    if (this.#fault !== 'healthy without asking') return asked;
    return (await this.#plugin.tools()) !== null;
  }

  async close(): Promise<void> {
    await this.#plugin.close();
    if (!this.#lastTrapped) return;
    if (this.#fault === 'close fails after a trap') throw new Error('the guest did not say goodbye');
    if (this.#fault === 'close hangs after a trap') return new Promise(() => undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #ask<T>(question: Question, fault: FrontFault, ask: () => Promise<T>): Promise<T> {
    if (this.#fault !== fault) return ask();
    const known = (this.#asked.get(question) as Promise<T> | undefined) ?? ask();
    this.#asked.set(question, known);
    return known;
  }
}

/** What hosts do whose HTTP client tries again by itself, keeps what it got, or takes a failure for an answer. */
function repeating(fetch: CreateModuleOptions['fetch'], fault: FrontFault): CreateModuleOptions['fetch'] {
  if (fault === 'request repeated when it is lost')
    return (...request) => fetch(...request).catch(() => fetch(...request));
  if (fault === 'lost request answered')
    return (...request) => fetch(...request).catch(() => new Response(new Uint8Array()));
  if (fault === 'response of the request before') {
    let before: Response | undefined;
    return async (...request) => {
      const response = await fetch(...request);
      const told = before ?? response;
      before = response.clone();
      return told.clone();
    };
  }
  if (fault !== 'request repeated when it is refused') return fetch;
  return async (...request) => {
    const response = await fetch(...request);
    return response.status < 429 ? response : fetch(...request);
  };
}
