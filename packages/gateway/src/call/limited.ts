import type { CallLimits } from '../limits/call-limits.ts';
import type { CountedCall } from '../limits/counted-call.ts';
import { factsOf } from '../protocol/methods.ts';

/** Methods that MCP defines and that count; what it does not define counts as well, since a server does something for it. */
const COUNTED: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** Whether limits count requests of this method. Those that go on with a call, and completions, cost nothing of their own. */
export function isCounted(method: string): boolean {
  return COUNTED.has(method) || factsOf(method) === undefined;
}

/**
 * Makes a call within the limits. One that is refused before it is sent, by whatever comes between, costs nothing.
 *
 * @param work - Told to say whether the call has gone to the server.
 * @throws GATEWAY_LIMIT_REACHED, GATEWAY_STATE; what the call fails with.
 */
export async function limited<T>(
  limits: CallLimits,
  call: CountedCall,
  work: (sent: () => void) => Promise<T>,
): Promise<T> {
  const taken = limits.take(call);
  const place = taken instanceof Promise ? await taken : taken;
  let isSent = false;
  try {
    return await work(() => {
      isSent = true;
    });
  } finally {
    if (!isSent) await place.giveBack();
  }
}
