import type { GuestLogLevel, GuestLogWriter, HostFunction } from '../../capabilities/host.ts';
import type { ImportRule } from '../../dialect.ts';
import { LockgateError } from '../../errors.ts';
import { isObject, type JsonObject, parseJson } from '../../json.ts';
import type { Kernel } from '../extism/kernel.ts';

const MODULE = 'extism:host/user';
const DECLINED = { action: 'decline', content: { error: 'the gateway puts no questions of this plug-in to clients' } };
const NO_MESSAGE = {
  model: '',
  stopReason: 'error',
  role: 'assistant',
  content: { type: 'text', text: 'the gateway asks no model for this plug-in' },
};

const LEVELS: Readonly<Record<string, GuestLogLevel>> = {
  debug: 'debug',
  info: 'info',
  notice: 'info',
  warning: 'warn',
};

const encoder = new TextEncoder();

/** What each function answers that takes a question; `undefined` for none. Source: EXTISM.md §2.3. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  create_elicitation: DECLINED,
  create_message: NO_MESSAGE,
  get_access_token: null,
  get_keyring_secret: undefined,
};

const TOLD = ['notify_progress', 'notify_resource_updated', 'notify_url_elicitation_completed'] as const;
const CHANGED = ['notify_prompt_list_changed', 'notify_resource_list_changed', 'notify_tool_list_changed'] as const;

/** What plug-ins for hyper-mcp may import of it. */
export const HYPER_MCP_RULES: readonly ImportRule[] = [
  ...Object.keys(ANSWERS).map((name) => rule(name, '(i64) -> i64')),
  rule('list_roots', '() -> i64'),
  rule('notify_logging_message', '(i64) -> ()'),
  ...TOLD.map((name) => rule(name, '(i64) -> ()')),
  ...CHANGED.map((name) => rule(name, '() -> ()')),
];

/**
 * These functions for one guest. Its log lines are written; nothing it asks of clients is put to one, and it is told so in
 * hyper-mcp's own words for that; what it only tells them is heard by nobody.
 */
export function hyperMcpFunctions(
  kernel: Kernel,
  log: GuestLogWriter,
): Readonly<Record<string, Readonly<Record<string, HostFunction>>>> {
  const place = (answer: unknown): bigint =>
    answer === undefined ? 0n : BigInt(kernel.arena.place(encoder.encode(JSON.stringify(answer))));
  const functions: Record<string, HostFunction> = {
    list_roots: () => place({ roots: [] }),
    notify_logging_message: (message: bigint) => writeMessage(log, kernel.text(Number(message))),
  };
  for (const [name, answer] of Object.entries(ANSWERS)) functions[name] = () => place(answer);
  for (const name of [...TOLD, ...CHANGED]) functions[name] = () => undefined;
  return { [MODULE]: functions };
}

function rule(name: string, signature: string): ImportRule {
  return { module: MODULE, name, signature, capability: name === 'notify_logging_message' ? 'log' : 'kernel' };
}

function writeMessage(log: GuestLogWriter, text: string | undefined): void {
  if (log.isFull) log.drop();
  const message = readMessage(text ?? '');
  if (message === undefined) return;
  const { level, data } = message;
  log.write(LEVELS[String(level)] ?? 'error', typeof data === 'string' ? data : JSON.stringify(data ?? null));
}

function readMessage(text: string): JsonObject | undefined {
  try {
    const message = parseJson(text, 'notify_logging_message');
    return isObject(message) ? message : undefined;
  } catch (error) {
    if (LockgateError.isInstance(error)) return undefined;
    throw error;
  }
}
