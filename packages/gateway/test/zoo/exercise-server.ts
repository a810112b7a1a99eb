import type { Era } from '../../src/protocol/era.ts';
import { argumentsFor, wrongArgumentsFor } from './arguments-for.ts';
import { itemsOf, membersOf } from './raw-json.ts';
import { type Answer, RawPeer, type Told } from './raw-peer.ts';
import type { Counts, Step, Transcript } from './transcript.ts';
import type { Target } from './wire.ts';

type Json = Readonly<Record<string, unknown>>;

export interface ExerciseOptions {
  /** Calls that are made; without any, each tool is called with arguments made from its schema. */
  readonly calls?: readonly (readonly [tool: string, args: Json])[];
  /** Tools that are not called with arguments from schemas, since they would reach out or never end. */
  readonly avoid?: readonly string[];
  /** Whether the client can be asked things. @default true */
  readonly canBeAsked?: boolean;
  /** How long one answer may take. @default 30_000 */
  readonly limitMs?: number;
  /** Told of each step, before it is done. */
  readonly onStep?: (label: string) => void;
}

/** Calls made from schemas, at most. */
const MAX_MADE_CALLS = 12;
const MAX_READ = 3;
/** Requests in a row without an answer, until nothing more is asked. */
const MAX_UNANSWERED = 2;
/** Pages of one list, at most. */
const MAX_PAGES = 100;
const QUIET_MS = 150;
/** How long a server may take to start. */
const HELLO_MS = 180_000;

const LISTS = {
  'tools/list': 'tools',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
  'prompts/list': 'prompts',
} as const;

/** Does everything that there is to do with a server on one way, in the same order on every way. */
export async function exerciseServer(target: Target, era: Era, options: ExerciseOptions): Promise<Transcript> {
  await using peer = await RawPeer.open(target, era, options.canBeAsked);
  const exercise = new Exercise(peer, options);
  await exercise.run(era);
  await peer.quiet(QUIET_MS);
  const { steps, counts, toldAtStart } = exercise;
  return { steps, counts, toldAtStart, told: peer.told.slice(toldAtStart.length), asked: peer.asked };
}

class Exercise {
  readonly steps: Step[] = [];
  readonly counts: Record<keyof Counts, number> = { tools: 0, resources: 0, resourceTemplates: 0, prompts: 0 };
  toldAtStart: readonly Told[] = [];
  readonly #peer: RawPeer;
  readonly #options: ExerciseOptions;
  #unanswered = 0;

  constructor(peer: RawPeer, options: ExerciseOptions) {
    this.#peer = peer;
    this.#options = options;
  }

  async run(era: Era): Promise<void> {
    const [method, params] =
      era === 'modern' ? (['server/discover', {}] as const) : (['initialize', this.#peer.hello] as const);
    const hello = await this.#peer.request(method, params, HELLO_MS);
    this.steps.push({ label: 'hello', method, answer: hello });
    if (hello.kind !== 'result') return;
    if (era === 'legacy') {
      await this.#peer.notify('notifications/initialized');
      // A server may ask for roots first, and offer other things after.
      await this.#peer.quiet(QUIET_MS);
    }
    this.toldAtStart = [...this.#peer.told];
    const capabilities = JSON.parse(membersOf(hello.text)?.get('capabilities') ?? '{}');
    if (era === 'legacy') {
      await this.#ask('ping');
      await this.#ask('logging/setLevel', { level: 'debug' });
    }
    const tools = await this.#list('tools/list');
    await this.#calls(tools);
    const resources = await this.#list('resources/list');
    const templates = await this.#list('resources/templates/list');
    await this.#resources(resources, templates, era, capabilities);
    const prompts = await this.#list('prompts/list');
    await this.#prompts(prompts);
    // Some servers end at what they do not understand.
    await this.#wrongCalls(tools);
    await this.#wrongRequests(era);
  }

  async #ask(method: string, params: Json = {}, note = ''): Promise<Answer> {
    const name = params.name ?? params.uri;
    const label = [method, typeof name === 'string' ? name : '', note && `(${note})`].filter(Boolean).join(' ');
    this.#options.onStep?.(label);
    const answer = await this.#request(method, params);
    this.steps.push({ label, method, answer });
    return answer;
  }

  async #request(method: string, params: Json): Promise<Answer> {
    if (this.#unanswered >= MAX_UNANSWERED) return { kind: 'none', text: 'given up', progress: [] };
    const answer = await this.#peer.request(method, params, this.#options.limitMs);
    this.#unanswered = answer.kind === 'none' ? this.#unanswered + 1 : 0;
    return answer;
  }

  /** Every page, as one step: servers and gateways may cut lists as they like. */
  async #list(method: keyof typeof LISTS): Promise<Json[]> {
    const member = LISTS[method];
    const items: string[] = [];
    let answer: Answer;
    let besides: [string, string][] = [];
    let cursor: string | undefined;
    let pages = 0;
    this.#options.onStep?.(method);
    do {
      answer = await this.#request(method, cursor === undefined ? {} : { cursor });
      if (answer.kind !== 'result') break;
      const members = new Map(membersOf(answer.text));
      items.push(...(itemsOf(members.get(member) ?? '[]') ?? []));
      cursor = members.has('nextCursor') ? JSON.parse(members.get('nextCursor') as string) : undefined;
      members.delete(member);
      members.delete('nextCursor');
      besides = [...members];
    } while (cursor !== undefined && ++pages < MAX_PAGES);
    if (answer.kind === 'result') {
      const written = besides.map(([name, value]) => `${JSON.stringify(name)}:${value}`);
      const text = `{${[`"${member}":[${items.join(',')}]`, ...written].join(',')}}`;
      answer = { ...answer, text };
      this.counts[member] = items.length;
    }
    this.steps.push({ label: method, method, answer });
    return items.map((item) => JSON.parse(item));
  }

  async #calls(tools: readonly Json[]): Promise<void> {
    const { calls, avoid = [] } = this.#options;
    const made = tools
      .filter(({ name }) => !avoid.includes(String(name)))
      .slice(0, MAX_MADE_CALLS)
      .map(({ name, inputSchema }) => [String(name), argumentsFor(inputSchema)] as const);
    for (const [name, args] of calls ?? made) await this.#ask('tools/call', { name, arguments: args });
  }

  async #wrongCalls(tools: readonly Json[]): Promise<void> {
    const { avoid = [], calls } = this.#options;
    const called = calls?.map(([name]) => name);
    const usable = tools.filter(
      ({ name }) => !avoid.includes(String(name)) && called?.includes(String(name)) !== false,
    );
    const needy = usable.find(({ inputSchema }) => Object.keys(argumentsFor(inputSchema)).length > 0) ?? usable[0];
    if (needy) {
      const { inputSchema } = needy;
      const name = String(needy.name);
      const good = calls?.find(([called]) => called === name)?.[1] ?? argumentsFor(inputSchema);
      await this.#ask('tools/call', { name, arguments: {} }, 'no arguments');
      await this.#ask('tools/call', { name }, 'without "arguments"');
      await this.#ask('tools/call', { name, arguments: wrongArgumentsFor(inputSchema) }, 'arguments of other kinds');
      await this.#ask('tools/call', { name, arguments: { ...good, 'zoo é': [null, 1.5e-7] } }, 'one more argument');
      await this.#ask('tools/call', { name, arguments: 7 }, '"arguments" is a number');
    }
    await this.#ask('tools/call', { name: 'zoo-unknown', arguments: {} });
    await this.#ask('tools/call', { arguments: {} }, 'without "name"');
  }

  async #resources(
    resources: readonly Json[],
    templates: readonly Json[],
    era: Era,
    capabilities: Json,
  ): Promise<void> {
    for (const { uri } of resources.slice(0, MAX_READ)) await this.#ask('resources/read', { uri });
    for (const { uriTemplate } of templates.slice(0, MAX_READ)) {
      const uri = String(uriTemplate).replaceAll(/\{[^}]*\}/g, '1');
      await this.#ask('resources/read', { uri });
      const ref = { type: 'ref/resource', uri: uriTemplate };
      const argument = { name: /\{[^\w]?(\w+)/.exec(String(uriTemplate))?.[1] ?? 'id', value: '' };
      await this.#ask('completion/complete', { ref, argument }, String(uriTemplate));
    }
    const uri = resources[0]?.uri;
    const canSubscribe = (capabilities.resources as Json | undefined)?.subscribe === true;
    if (era === 'legacy' && uri !== undefined && canSubscribe) {
      await this.#ask('resources/subscribe', { uri });
      await this.#ask('resources/unsubscribe', { uri });
    }
  }

  async #prompts(prompts: readonly Json[]): Promise<void> {
    for (const { name, arguments: declared } of prompts.slice(0, MAX_READ)) {
      const names = ((declared ?? []) as { name: string }[]).map((argument) => argument.name);
      await this.#ask('prompts/get', { name, arguments: Object.fromEntries(names.map((key) => [key, '1'])) });
      await this.#ask('prompts/get', { name }, 'without "arguments"');
      const ref = { type: 'ref/prompt', name };
      const argument = { name: names[0] ?? 'none', value: '' };
      await this.#ask('completion/complete', { ref, argument }, String(name));
    }
  }

  async #wrongRequests(era: Era): Promise<void> {
    await this.#ask('resources/read', { uri: 'zoo://unknown' });
    await this.#ask('prompts/get', { name: 'zoo-unknown' });
    const ref = { type: 'ref/prompt', name: 'zoo-unknown' };
    await this.#ask('completion/complete', { ref, argument: { name: 'a', value: '' } }, 'unknown prompt');
    await this.#ask('zoo/unknown', { a: 1 });
    await this.#ask('tools/list', { cursor: 'no such cursor' }, 'unknown cursor');
    await this.#ask('resources/read', {}, 'without "uri"');
    if (era === 'modern') return;
    await this.#ask('resources/subscribe', { uri: 'zoo://unknown' });
    await this.#ask('logging/setLevel', { level: 'no such level' }, 'unknown level');
  }
}
