import type { StateSection } from '../config/state-section.ts';
import type { Logger } from '../logger.ts';
import { createMemoryStore } from './memory-store.ts';
import { stateDiagnosis } from './state-diagnosis.ts';
import { StateError } from './state-error.ts';
import type { StateStore } from './state-store.ts';

export interface OpenStoreOptions {
  /** Milliseconds since any moment, never going back. */
  readonly now: () => number;
  readonly logger: Logger;
}

/**
 * Opens the state store that the configuration asks for: this process's own memory, or what several gateways share.
 *
 * @throws GATEWAY_STATE where that cannot be used, and memory is not to stand in for it.
 */
export async function openStore(section: StateSection | undefined, options: OpenStoreOptions): Promise<StateStore> {
  if (!section) return createMemoryStore(options);
  // Loaded here: who has no Redis pays for none.
  const { openRedisStore } = await import('./redis/open-redis-store.ts');
  try {
    return await openRedisStore(section.redis, options.logger);
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    if (section.onStateLoss === 'refuse') throw atStart(error);
    options.logger.warn(
      { reason: reasonOf(error) },
      'the state store cannot be reached: until the next start this gateway shares nothing and keeps its state in memory, as "gateway.state.onStateLoss" says',
    );
    return createMemoryStore(options);
  }
}

function atStart(error: StateError): StateError {
  if (error.problem.kind === 'forbidden') return error;
  const { problem, remedy } = stateDiagnosis(error);
  const reason = `${problem}; ${remedy}, or set "gateway.state.onStateLoss" to "memory"`;
  return new StateError({ kind: 'unreachable', reason }, { cause: error });
}

function reasonOf({ problem, message }: StateError): string {
  return problem.kind === 'unreachable' ? problem.reason : message;
}
