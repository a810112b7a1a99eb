import type { DecisionFacts, ExplainedDecision, Labels } from './api.ts';

/** Says in sentences, step by step, why a decision came out as it did, and what would have to be otherwise. */
export function explainDecision(decision: DecisionFacts): ExplainedDecision {
  const { verdict } = decision;
  const remedy = verdict === 'allowed' ? undefined : remedyOf(decision);
  return { decision, steps: [...stepsOf(decision)], ...(remedy !== undefined && { remedy }) };
}

function* stepsOf(decision: DecisionFacts): Generator<ExplainedDecision['steps'][number]> {
  const { server, tool, principal, session, mode, channel, operation, agent, agentAfter, resource } = decision;
  const { verdict, reason, withheld, total, phaseMs } = decision;
  const who =
    session === undefined ? `All requests of "${principal}" without a session` : `"${principal}" in session ${session}`;
  yield { title: 'Agent', text: `${who} ${labelsOf(agent)}. The mode is ${mode}.` };
  if (channel) {
    const way = channel.direction === 'up' ? `to "${server}"` : `from "${server}" to the client`;
    yield { title: 'Frame', text: `"${channel.method}" was on its way ${way}.` };
  } else {
    yield { title: 'Call', text: `"${tool}" of "${server}" was called.` };
  }
  if (operation && resource) {
    yield {
      title: 'Resource',
      text: `The call is a ${operation} of something that ${labelsOf(resource, 'asks for')}.`,
    };
    const secrets = missing(agent.secrecy, resource.secrecy);
    const leaks = missing(resource.secrecy, agent.secrecy);
    if (operation !== 'write') {
      const text = secrets.length === 0 ? 'The agent may know all of it.' : `The agent may not know ${tags(secrets)}.`;
      yield { title: 'Reading', text };
    }
    if (operation !== 'read') {
      const text =
        leaks.length === 0
          ? 'Nothing that the agent knows may not be there.'
          : `The agent knows ${tags(leaks)}, which may not be there.`;
      yield { title: 'Writing', text };
    }
  }
  if (!channel) {
    const text = 'backend' in phaseMs ? 'The server was asked.' : 'The server was not asked.';
    yield { title: 'Server', text };
  }
  if (withheld !== undefined) yield { title: 'Answer', text: `${withheld} of ${total} parts were withheld.` };
  yield { title: 'Verdict', text: `It was ${verdict}.${reason === undefined ? '' : ` ${reason}`}` };
  const taken = missing(agent.secrecy, agentAfter.secrecy);
  if (taken.length > 0) yield { title: 'Afterwards', text: `The agent carries ${tags(taken)} from now on.` };
}

function remedyOf({ deniedBy, server, tool, operation, agent, resource, verdict }: DecisionFacts): string {
  switch (deniedBy) {
    case 'guard':
      return `Mend the guard in front of "${server}"; the log says what it failed of`;
    case 'limit':
      return `Raise "tool-call-limits" of "${server}" for "${tool}", or begin a new session`;
    case 'state':
      return 'The state store did not answer; the log says why';
    case 'channel':
      return 'No rule lets frames of this kind pass a guarded server; docs/security-model.md has the table';
    default: {
      if (verdict === 'filtered') return 'Grant the agent the tags of what was withheld, in the policy of its guard';
      const leaks = resource && operation !== 'read' ? missing(resource.secrecy, agent.secrecy) : [];
      if (leaks.length > 0) return `Begin a new session that has not read ${tags(leaks)}, or let "${server}" accept it`;
      const secrets = resource && operation !== 'write' ? missing(agent.secrecy, resource.secrecy) : [];
      if (secrets.length > 0) return `Grant the agent ${tags(secrets)}, in the policy of the guard of "${server}"`;
      return 'Compare the labels of the agent with those of the resource: integrity asks the other way round';
    }
  }
}

function missing(outer: readonly string[], inner: readonly string[]): readonly string[] {
  return inner.filter((tag) => !outer.includes(tag));
}

function labelsOf({ secrecy, integrity }: Labels, has = 'carries'): string {
  const secrets = secrecy.length === 0 ? 'no secrecy' : `secrecy ${tags(secrecy)}`;
  return `${has} ${secrets} and ${integrity.length === 0 ? 'no integrity' : `integrity ${tags(integrity)}`}`;
}

function tags(all: readonly string[]): string {
  return all.map((tag) => `"${tag}"`).join(', ');
}
