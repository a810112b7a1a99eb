import { type ScriptsSection, scriptsSection } from '../../src/config/scripts-section.ts';
import { silentLogger } from '../../src/logger.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { ScriptThreads } from '../../src/script/script-threads.ts';
import type { FromThread, ScriptOutcome } from '../../src/script/thread-messages.ts';

type Ask = Extract<FromThread, { type: 'ask' }>;

/** Limits that a test need not wait for. */
export const SHORT_LIMITS: ScriptsSection = scriptsSection.parse({
  timeoutMs: 2_000,
  maxProcessorMs: 150,
  maxMemoryBytes: 48 * 1024 * 1024,
  maxRunning: 2,
});

/** An answer of a tool with this text. */
export function textAnswer(text: string): Uint8Array {
  return resultAnswer({ content: [{ type: 'text', text }] });
}

export function resultAnswer(result: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(result));
}

/** Threads without a gateway: what scripts ask is answered by the test. */
export async function openThreads(limits: ScriptsSection = SHORT_LIMITS) {
  const threads = await ScriptThreads.open(limits, silentLogger);
  const asks: Ask[] = [];
  const echo = async (ask: Ask): Promise<Uint8Array> => textAnswer(ask.json);
  const run = (
    code: string,
    { asked = echo, client = 'c', cancellation = new Cancellation(), more = {} as Partial<ScriptsSection> } = {},
  ): Promise<ScriptOutcome> =>
    threads.run(
      {
        code,
        limits: { ...limits, ...more },
        cancellation,
        asked: (ask) => {
          asks.push(ask);
          return asked(ask);
        },
      },
      client,
    );
  return { threads, asks, run, [Symbol.asyncDispose]: () => threads.close() };
}

/** What came of a script, in a word and what it said. */
export function told(outcome: ScriptOutcome): string {
  if (outcome.kind === 'returned') return outcome.text ?? '(nothing)';
  return outcome.kind === 'limit' ? `limit: ${outcome.limit}` : `threw: ${outcome.text}`;
}
