import { randomBytes } from 'node:crypto';
import type { GatewayConfig } from '../config/schema.ts';
import type { Redact } from '../config/secrets.ts';
import { differingSections, sectionDigests } from '../config/section-digests.ts';
import { silentLogger } from '../logger.ts';
import type { ReplicaMessage, ReplicaMessageOf } from '../replicas/replica-message.ts';
import { ALL_CHANNEL, channelOf } from '../replicas/replicas.ts';
import { openRedisStore } from '../state/redis/open-redis-store.ts';
import { stateDiagnosis } from '../state/state-diagnosis.ts';
import { StateError } from '../state/state-error.ts';
import type { StateStore } from '../state/state-store.ts';
import { type Finding, Findings } from './finding.ts';

type Answer = ReplicaMessageOf<'configuration'>;

/** How long gateways may take to say how they are configured, in milliseconds. */
const ANSWER_MS = 1_500;

/** Asks the Redis of the configuration whether it is there, and the gateways that share it whether they are configured alike. Writes nothing. */
export async function examineSharedState({
  config,
  redact,
}: {
  readonly config: GatewayConfig;
  readonly redact: Redact;
}): Promise<readonly Finding[]> {
  const { state } = config.gateway;
  if (!state) return [];
  const found = new Findings('state', 'gateway.state');
  try {
    let policy: string | undefined;
    await using store = await openRedisStore(state.redis, silentLogger, (told) => {
      policy = told;
    });
    const own = sectionDigests(config, redact);
    const answers = await ask(store, own);
    const { length } = answers;
    found.ok(
      `Redis answers; ${length === 0 ? 'no gateway has' : length === 1 ? 'one gateway has' : `${length} gateways have`} this prefix now`,
    );
    lookAtEviction(policy, found);
    for (const { gateway, digests } of answers) {
      const sections = differingSections(own, digests);
      if (sections.length === 0) continue;
      found.warning({
        problem: `the gateway at ${gateway} shares this Redis and prefix, and differs in ${sections.join(', ')}`,
        remedy: 'give both the same configuration, or another "gateway.state.redis.prefix"',
      });
    }
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    const { problem: reason, remedy } = stateDiagnosis(error);
    const problem = `Redis: ${reason}`;
    if (state.onStateLoss === 'refuse') found.failure({ problem, remedy });
    else found.warning({ problem, remedy });
  }
  return found.all;
}

/** Records that are thrown away are counts, labels and sessions: a limit begins anew, or a caller is denied. */
function lookAtEviction(policy: string | undefined, found: Findings): void {
  if (policy === 'noeviction') return;
  const remedy = 'set it to "noeviction": CONFIG SET maxmemory-policy noeviction, and the same in its redis.conf';
  if (policy === undefined) {
    const problem = 'Redis does not say what it does when its memory is full ("maxmemory-policy" in INFO memory)';
    found.note({ problem, remedy: 'see to it that it is "noeviction": any other may throw away records of the state' });
    return;
  }
  const problem = `Redis has the "maxmemory-policy" "${policy}", and so may throw away sessions, counts and labels when its memory is full`;
  found.warning({ problem, remedy });
}

/** Those that run now; under a name of its own, which no gateway has. */
async function ask(store: StateStore, digests: Answer['digests']): Promise<readonly Answer[]> {
  const from = randomBytes(6).toString('hex');
  const answers: Answer[] = [];
  const end = await store.subscribe(channelOf(from), {
    message: (message) => void answers.push(message as Answer),
  });
  const question: ReplicaMessage = { kind: 'configuration', from, gateway: 'lockgate doctor', digests, asks: true };
  await store.publish(ALL_CHANNEL, question);
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, ANSWER_MS);
  await promise;
  await end();
  return answers.filter(({ kind }) => kind === 'configuration');
}
