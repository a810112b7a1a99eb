import { randomUUID } from 'node:crypto';
import { parseJson } from '../json.ts';
import { sessionTag } from '../observe/session-tag.ts';
import { Cancellation } from '../protocol/cancellation.ts';
import type { Agent, DecisionFacts, ExplainRequest, Policy, PolicyServer, TryAnswer, TryRequest } from './api.ts';
import { badRequest, notFound } from './api-failure.ts';
import type { ApiHandler, Visitor } from './api-handler.ts';
import type { ConsoleSources } from './console-sources.ts';
import type { Decisions } from './decisions.ts';
import { explainDecision } from './explain-decision.ts';
import { readingsOf, writesOf } from './flow-view.ts';
import { type OperatorCalls, readCall } from './operator-calls.ts';

const MOST_AGENTS = 200;
const MOST_DECISIONS = 100;
const MOST_TRIED = 20;

/** What the reference monitor holds everybody to, and why it decided as it did. */
export function policyHandlers(
  sources: ConsoleSources,
  decisions: Decisions,
  operator: OperatorCalls,
): readonly ApiHandler[] {
  return [
    { method: 'GET', path: 'policy', role: 'viewer', handle: () => policyOf(sources, decisions) },
    {
      method: 'POST',
      path: 'policy/explain',
      role: 'viewer',
      handle: ({ body }) => {
        const { decision: id } = (body ?? {}) as Partial<ExplainRequest>;
        if (typeof id !== 'string')
          throw badRequest('"decision" is missing: the id of a decision, as GET policy lists it');
        const decision = decisions.find(id);
        if (!decision) throw notFound('There is no decision of this id, or no longer: the last 500 are kept');
        return explainDecision(decision);
      },
    },
    {
      method: 'POST',
      path: 'policy/try',
      role: 'operator',
      handle: ({ body, visitor }) => tryCalls(body, visitor, decisions, operator),
    },
  ];
}

async function policyOf(
  { config, status, monitor, sessions, redact }: ConsoleSources,
  decisions: Decisions,
): Promise<Policy> {
  const running = config();
  const { guards } = status();
  const names = [...Object.keys(running.plugins), ...Object.keys(running.mcpServers)];
  const ruleOf = (server: string) => monitor.ruleOf(server).rule;
  const servers = names.map((name): PolicyServer => {
    const { rule, toolCallLimits: limits } = monitor.ruleOf(name);
    const failure = guards.find(({ server }) => server === name)?.failure;
    return {
      name,
      kind: Object.hasOwn(running.plugins, name) ? 'plugin' : 'server',
      rule: rule.kind,
      // A policy may hold what variables brought into it.
      ...(rule.kind === 'guard' && {
        guard: rule.guardName,
        policy: parseJson(redact(JSON.stringify(rule.policy))),
      }),
      ...(rule.kind === 'sink' && { accepts: [...rule.accept] }),
      ...(failure !== undefined && { failure }),
      limits,
    };
  });
  const clients = new Map(sessions.all.map(({ peer }) => [peer.key, peer.clientInfo]));
  const agents = (await monitor.agents(MOST_AGENTS)).map(({ principal, session, label }): Agent => {
    const info = session === undefined ? undefined : clients.get(session);
    const [name, version] = [info?.text('name'), info?.text('version')];
    return {
      principal,
      ...(session !== undefined && { session: sessionTag(session) }),
      ...(info && { client: { ...(name !== undefined && { name }), ...(version !== undefined && { version }) } }),
      ...label,
      writes: writesOf(label, names, ruleOf),
    };
  });
  return {
    isActive: monitor.isActive,
    guardsMode: running.gateway.guardsMode,
    servers,
    agents: agents.reverse(),
    readings: readingsOf(decisions.ring.newest(), names, ruleOf),
    decisions: [...decisions.ring.newest()].slice(0, MOST_DECISIONS),
  };
}

/** Makes calls one after another in a session of their own, which ends with them; one that is denied ends nothing. */
async function tryCalls(
  body: unknown,
  visitor: Visitor,
  decisions: Decisions,
  operator: OperatorCalls,
): Promise<TryAnswer> {
  const { calls } = (body ?? {}) as Partial<TryRequest>;
  if (!Array.isArray(calls) || calls.length < 1 || calls.length > MOST_TRIED) {
    throw badRequest(
      `"calls" has to be a list of 1 to ${MOST_TRIED} calls, such as [{"tool":"files__list","arguments":{}}]`,
    );
  }
  const asked = calls.map(readCall);
  const session = `try:${randomUUID()}`;
  let made: DecisionFacts[] = [];
  const stop = decisions.take(session, (decision) => void made.push(decision));
  const answers: TryAnswer['calls'][number][] = [];
  try {
    for (const call of asked) {
      made = [];
      const answer = await operator.call(call, visitor.caller, session, new Cancellation());
      const decision = made.find(({ channel }) => channel === undefined);
      const frames = made.filter(({ channel }) => channel !== undefined);
      answers.push({ tool: call.tool, ...answer, ...(decision && { decision }), frames });
    }
  } finally {
    stop();
    operator.forget(visitor.caller, session);
  }
  return { calls: answers };
}
