import { AssertionError } from 'node:assert';
import type { CreateModuleOptions, ModuleSubject, ModuleSuiteOptions, SuiteGuest } from '../subjects.ts';
import { Backend } from '../tools/backend.ts';
import type { Gate } from '../tools/gate.ts';
import { inTime } from '../tools/in-time.ts';
import { Trace } from '../tools/trace.ts';
import { suiteGuest } from './suite-guests.ts';

/** A subject with everything a test wants around it. Leaving its scope opens all gates and closes it. */
export interface OpenModule extends AsyncDisposable {
  readonly subject: ModuleSubject;
  readonly trace: Trace;
  readonly backend: Backend;
  /** What the subject has warned of. */
  readonly warnings: readonly string[];
  /** `execute`, giving the answer's text, and failing when it is an error. */
  say(tool: string, message: string, options?: { signal?: AbortSignal; onStart?: () => void }): Promise<string>;
}

/** Creates a subject with a guest, a backend and a trace of what the guest logs. */
export async function openModule(
  suite: Pick<ModuleSuiteOptions, 'create'>,
  guest: SuiteGuest,
  more: Partial<Pick<CreateModuleOptions, 'name' | 'instances'>> & { readonly backend?: Backend } = {},
): Promise<OpenModule> {
  const { backend = new Backend(), ...options } = more;
  const trace = new Trace();
  const warnings: string[] = [];
  const subject = await suite.create({
    ...options,
    guest,
    bytes: suiteGuest(guest),
    fetch: backend.fetch,
    onGuestLog: (_level, line) => trace.record(line),
    onWarning: (sentence) => warnings.push(sentence),
  });
  return {
    subject,
    trace,
    backend,
    warnings,
    say: (tool, message, callOptions) => {
      const said = subject.execute(tool, { message }, callOptions).then(({ data, isError }) => {
        if (isError) throw new Error(`"${tool}" answered an error: ${data}`);
        return data;
      });
      said.catch(() => undefined); // a test looks at each call when it is that call's turn, which may be later
      return said;
    },
    [Symbol.asyncDispose]: async () => {
      backend.release();
      await inTime(subject.close(), 'closing the subject at the end of the test');
    },
  };
}

/** Waits until a call waits at its gate. One that ends before says why it does, instead of being waited for in vain. */
export async function reaches(
  gate: Gate,
  call: Promise<unknown>,
  who = 'the first call',
  remedy?: string,
): Promise<void> {
  const ended = call.then(() => {
    throw new AssertionError({
      message: `${who} ended without having asked its backend. Hand the guest's requests to \`fetch\``,
    });
  });
  await inTime(Promise.race([gate.reached, ended]), `${who} reaching its backend`, remedy);
}
