import type {
  GivenAnswer,
  GuestLogLevel,
  GuestLogWriter,
  HostCapabilities,
  HostFunction,
} from '../../capabilities/host.ts';
import type { ImportRule } from '../../dialect.ts';
import { LockgateError } from '../../errors.ts';
import { isObject, type JsonObject, type Place, parseJson } from '../../json.ts';
import { USER_MODULE } from '../extism/given-functions.ts';
import { HostRefusal } from '../extism/host-refusal.ts';
import type { Kernel } from '../extism/kernel.ts';
import { elicitationParams, requireElicitation, samplingParams } from './questions.ts';

const LEVELS: Readonly<Record<string, GuestLogLevel>> = {
  debug: 'debug',
  info: 'info',
  notice: 'info',
  warning: 'warn',
};

/** Source: MCP, "LoggingLevel". */
const MCP_LEVELS: ReadonlySet<string> = new Set([...Object.keys(LEVELS), 'error', 'critical', 'alert', 'emergency']);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A question to the client: MCP's method for it, its parameters, and what the guest is told where it comes to nothing. */
interface Question {
  readonly method: string;
  readonly params: (asked: JsonObject) => JsonObject;
  /** @throws ABI_BAD_MESSAGE for parameters that no client may be given. */
  readonly require?: (params: JsonObject, place: Place) => void;
  readonly failed: (why: string) => JsonObject;
}

const ELICITATION: Question = {
  method: 'elicitation/create',
  params: elicitationParams,
  require: requireElicitation,
  failed: (why) => ({ action: 'decline', content: { error: why } }),
};
const SAMPLING: Question = {
  method: 'sampling/createMessage',
  params: samplingParams,
  failed: (why) => ({ model: '', stopReason: 'error', role: 'assistant', content: { type: 'text', text: why } }),
};
const ROOTS: Question = { method: 'roots/list', params: (asked) => asked, failed: () => ({ roots: [] }) };

/** What is told with a message, and MCP's name for it. Source: EXTISM.md §2.3. */
const TOLD: Readonly<Record<string, string>> = {
  notify_progress: 'notifications/progress',
  notify_resource_updated: 'notifications/resources/updated',
  notify_url_elicitation_completed: 'notifications/elicitation/complete',
};
const CHANGED: Readonly<Record<string, string>> = {
  notify_prompt_list_changed: 'notifications/prompts/list_changed',
  notify_resource_list_changed: 'notifications/resources/list_changed',
  notify_tool_list_changed: 'notifications/tools/list_changed',
};
const LOG = 'notify_logging_message';
/** Answered at once: `null` for a token, and no secret. */
const REFUSED: Readonly<Record<string, JsonObject | null | undefined>> = {
  get_access_token: null,
  get_keyring_secret: undefined,
};

/** What plug-ins for hyper-mcp may import of it. */
export const HYPER_MCP_RULES: readonly ImportRule[] = [
  rule('create_elicitation', '(i64) -> i64'),
  rule('create_message', '(i64) -> i64'),
  rule('list_roots', '() -> i64'),
  ...Object.keys(REFUSED).map((name) => rule(name, '(i64) -> i64', 'kernel')),
  rule(LOG, '(i64) -> ()'),
  ...Object.keys(TOLD).map((name) => rule(name, '(i64) -> ()')),
  ...Object.keys(CHANGED).map((name) => rule(name, '() -> ()')),
];

/**
 * These functions for one guest. What it asks and tells its client goes through the host's functions, under MCP's names for it: the host
 * has a function for each of these methods, or the guest is told in hyper-mcp's own words that nobody answers. Its log lines are written as well.
 */
export function hyperMcpFunctions(
  kernel: Kernel,
  { functions, log }: Pick<HostCapabilities, 'functions' | 'log'>,
): Readonly<Record<string, Readonly<Record<string, HostFunction>>>> {
  const place = (answer: unknown): bigint =>
    answer === undefined ? 0n : BigInt(kernel.arena.place(encoder.encode(JSON.stringify(answer))));
  const messageOf = (name: string, handle: bigint): JsonObject => {
    const message = readMessage(kernel.json(Number(handle)) ?? '', name);
    if (message === undefined) throw new HostRefusal(`"${name}" was called with something else than a JSON object`);
    return message;
  };
  const tell = (method: string, params?: JsonObject): ReturnType<HostCapabilities['functions']> =>
    functions(method, params === undefined ? [] : [encoder.encode(JSON.stringify(params))]);
  const asking = (name: string, { method, params, require, failed }: Question): HostFunction => ({
    ask: (...[handle]: bigint[]) => {
      const asked = params(handle === undefined ? {} : messageOf(name, handle));
      const problem = problemOf(() => require?.(asked, { exportName: name, field: '' }));
      if (problem === undefined) return tell(method, asked);
      if (log.isFull) log.drop();
      else log.write('warn', problem);
      return { failure: problem };
    },
    finish: (answer: GivenAnswer) => place(told(answer) ?? failed(whyNot(answer))),
  });
  const telling = (name: string, method: string): HostFunction => ({
    ask: (handle: bigint) => tell(method, messageOf(name, handle)),
    finish: () => undefined,
  });
  const made: Record<string, HostFunction> = {
    create_elicitation: asking('create_elicitation', ELICITATION),
    create_message: asking('create_message', SAMPLING),
    list_roots: asking('list_roots', ROOTS),
    [LOG]: {
      ask: (handle: bigint) => {
        const message = levelled(messageOf(LOG, handle));
        writeMessage(log, message);
        return tell('notifications/message', message);
      },
      finish: () => undefined,
    },
  };
  for (const [name, answer] of Object.entries(REFUSED)) made[name] = () => place(answer);
  for (const [name, method] of Object.entries(TOLD)) made[name] = telling(name, method);
  for (const [name, method] of Object.entries(CHANGED)) {
    made[name] = { ask: () => tell(method), finish: () => undefined };
  }
  return { [USER_MODULE]: made };
}

function rule(name: string, signature: string, capability: ImportRule['capability'] = 'functions'): ImportRule {
  return { module: USER_MODULE, name, signature, capability };
}

function told(answer: GivenAnswer): JsonObject | undefined {
  if (answer === undefined || 'failure' in answer) return undefined;
  return readMessage(decoder.decode(answer), '');
}

function whyNot(answer: GivenAnswer): string {
  return answer !== undefined && 'failure' in answer ? answer.failure : 'nobody is there to answer';
}

/** Clients take no message without a level of MCP; one that has none is news. */
function levelled(message: JsonObject): JsonObject {
  return MCP_LEVELS.has(String(message.level)) ? message : { ...message, level: 'info' };
}

function writeMessage(log: GuestLogWriter, { level, data }: JsonObject): void {
  if (log.isFull) log.drop();
  else log.write(LEVELS[String(level)] ?? 'error', typeof data === 'string' ? data : JSON.stringify(data ?? null));
}

function problemOf(require: () => void): string | undefined {
  try {
    require();
    return undefined;
  } catch (error) {
    if (LockgateError.isInstance(error)) return error.message;
    throw error;
  }
}

function readMessage(text: string, name: string): JsonObject | undefined {
  try {
    const message = parseJson(text, name);
    return isObject(message) ? message : undefined;
  } catch (error) {
    if (LockgateError.isInstance(error)) return undefined;
    throw error;
  }
}
