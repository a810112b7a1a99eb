import { createHash } from 'node:crypto';
import { quantile } from '../statistics.ts';
import { AnswerTemplate } from './answer-template.ts';
import { HttpWire } from './http-wire.ts';
import { callParts, FIRST_NUMBER, INITIALIZED, initialize, listTools } from './messages.ts';
import { PipeWire } from './pipe-wire.ts';
import { SseWire } from './sse-wire.ts';
import type { LoadRun, Opened, Target } from './target.ts';
import type { Wire } from './wire.ts';

const READY_WITHIN_MS = 20_000;
const RETRY_MS = 20;
/** How long the last answer of a run may take. */
const PATIENCE_MS = 15_000;

/** All clients of one target, connected and introduced. */
export class Callers {
  readonly #wires: readonly Wire[];
  readonly #parts: readonly [string, string, string];
  #template: AnswerTemplate | undefined;
  #next = FIRST_NUMBER;

  private constructor(wires: readonly Wire[], parts: readonly [string, string, string]) {
    this.#wires = wires;
    this.#parts = parts;
  }

  /** Waits until the target can be reached and has the tool; gives up after 20 s. */
  static async open(target: Target): Promise<{ readonly callers: Callers; readonly opened: Opened }> {
    const pipe = 'command' in target.to ? new PipeWire(target.to.command, target.to.args) : undefined;
    const connect = (): Promise<Wire> => (pipe ? Promise.resolve(pipe) : openWire(target));
    const first = await patiently(connect);
    const tool = await patiently(() => findTool(first, target));
    const others = pipe ? [] : Array.from({ length: target.clients - 1 }, connect);
    const wires = [first, ...(await Promise.all(others))];
    await Promise.all(wires.slice(1).map((wire) => introduce(wire, target)));
    for (const wire of wires) if (wire instanceof HttpWire) wire.tool = tool;
    const shared = pipe ? Array.from({ length: target.clients }, () => first) : wires;
    const callers = new Callers(shared, callParts(target.era, tool, target.text));
    return { callers, opened: { pid: pipe?.pid, contents: await callers.#learn(first) } };
  }

  /** Lets each client call again and again; ends after so long or so many calls, whichever comes first. */
  async run(forMs: number, atMost: number): Promise<LoadRun> {
    const times: number[] = [];
    const cpu = process.cpuUsage();
    const started = performance.now();
    let left = atMost;
    const client = async (wire: Wire): Promise<void> => {
      for (let begun = performance.now(); left-- > 0 && begun - started < forMs; ) {
        await this.#call(wire);
        const ended = performance.now();
        times.push(ended - begun);
        begun = ended;
      }
    };
    await within(forMs + PATIENCE_MS, Promise.all(this.#wires.map(client)));
    const elapsed = performance.now() - started;
    const { user, system } = process.cpuUsage(cpu);
    const sorted = Float64Array.from(times).sort();
    return {
      calls: times.length,
      callsPerSecond: (times.length * 1_000) / elapsed,
      p50Ms: quantile(sorted, 0.5),
      p99Ms: quantile(sorted, 0.99),
      loadCpuUs: (user + system) / times.length,
    };
  }

  close(): void {
    for (const wire of new Set(this.#wires)) wire.close();
  }

  async #call(wire: Wire): Promise<void> {
    const number = this.#next++;
    const [before, between, behind] = this.#parts;
    const answer = await wire.exchange(`${before}${number}${between}${number}${behind}`, number);
    if (this.#template?.fits(answer, number)) return;
    throw new Error(`wrong answer to call ${number}: ${answer.length} bytes, ${answer.toString().slice(0, 300)}`);
  }

  async #learn(wire: Wire): Promise<string> {
    const number = this.#next++;
    const [before, between, behind] = this.#parts;
    const answer = Buffer.from(await wire.exchange(`${before}${number}${between}${number}${behind}`, number));
    this.#template = new AnswerTemplate(answer, number);
    const { content, structuredContent } = JSON.parse(answer.toString()).result;
    const contents = JSON.stringify([content, structuredContent]).replaceAll(String(number), '');
    return createHash('sha256').update(contents).digest('hex');
  }
}

async function openWire({ to, era }: Target): Promise<Wire> {
  if ('command' in to) throw new TypeError('a pipe is opened once');
  return to.how === 'sse' ? await SseWire.open(new URL(to.url)) : await HttpWire.open(new URL(to.url), era);
}

async function introduce(wire: Wire, { era }: Target): Promise<void> {
  if (era === '2026') return;
  await wire.exchange(initialize(FIRST_NUMBER), FIRST_NUMBER);
  await wire.exchange(INITIALIZED, undefined);
}

const introduced = new WeakSet<Wire>();

async function findTool(wire: Wire, target: Target): Promise<string> {
  if (!introduced.has(wire)) await introduce(wire, target);
  introduced.add(wire);
  const answer = JSON.parse((await wire.exchange(listTools(target.era, FIRST_NUMBER), FIRST_NUMBER)).toString());
  const tools: { name: string }[] = answer.result?.tools ?? [];
  const tool = tools.find(({ name }) => name.endsWith(target.tool));
  if (!tool) throw new Error(`no tool "${target.tool}" among ${tools.map(({ name }) => name).join(', ') || 'none'}`);
  return tool.name;
}

/** Programs that were just started refuse connections for a while, and list tools a while later. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  const end = performance.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      return await within(READY_WITHIN_MS, attempt());
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
