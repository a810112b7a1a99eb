import { expect, test } from 'vitest';
import type { DecisionFacts } from '../../src/console/api.ts';
import { Decisions } from '../../src/console/decisions.ts';
import { explainDecision } from '../../src/console/explain-decision.ts';
import { readingsOf, writesOf } from '../../src/console/flow-view.ts';
import { type CallKeeper, WatchedCall } from '../../src/console/watched-call.ts';
import type { Decision } from '../../src/monitor/decision.ts';
import { AcceptedTags } from '../../src/monitor/label.ts';
import type { Rule } from '../../src/monitor/rule.ts';
import { sessionTag } from '../../src/observe/session-tag.ts';
import { guardedFiles, someFiles } from '../e2e/guarded-files.ts';
import { OpenedConsole } from './open-console.ts';

const NOTHING = { secrecy: [], integrity: [] };

const decided = (more: Partial<Decision> = {}): Decision => ({
  server: 'files',
  tool: 'read',
  principal: 'ci',
  session: 'one',
  mode: 'strict',
  verdict: 'allowed',
  agent: NOTHING,
  agentAfter: NOTHING,
  operation: 'read',
  resource: { secrecy: ['private:files'], integrity: [] },
  phaseMs: { label_agent: 1, backend: 2 },
  ...more,
});

const keeper: CallKeeper = { timeOf: () => 0, monotonicNow: () => 0, over() {} };

function endingCall(target: string, session = 'one', server = 'files'): WatchedCall {
  const call = new WatchedCall(1, { principal: 'ci', session, method: 'tools/call', target }, 0, keeper);
  call.routedTo(server);
  return call;
}

test('a call that ends has the decision on what it did, and not that of another agent, server or tool', () => {
  const decisions = new Decisions('boot', () => 7);
  decisions.decided(decided({ tool: 'write' }));
  decisions.decided(decided());
  expect(decisions.of(endingCall('files__read', 'two'))).toBeUndefined();
  expect(decisions.of(endingCall('files__read', 'one', 'other'))).toBeUndefined();
  expect(decisions.of(endingCall('files__read'))).toMatchObject({
    tool: 'read',
    id: 'boot.2',
    time: 7,
    session: sessionTag('one'),
  });
  expect(decisions.of(endingCall('files__write'))).toMatchObject({ tool: 'write' });
  expect(decisions.of(endingCall('files__read'))).toBeUndefined();
  expect(decisions.find('boot.1')).toMatchObject({ tool: 'write' });
  expect([decisions.find('boot.3'), decisions.find('other.1')]).toEqual([undefined, undefined]);
});

test('frames that pass are told to who tries a call, and to nobody else', () => {
  const decisions = new Decisions('boot', () => 0);
  const channel = { direction: 'down', method: 'notifications/progress' } as const;
  decisions.decided(decided({ channel }));
  expect(decisions.ring.last).toBe(0);
  const told: DecisionFacts[] = [];
  const stop = decisions.take('one', (facts) => void told.push(facts));
  decisions.decided(decided({ channel }));
  stop();
  decisions.decided(decided({ channel }));
  expect(told).toHaveLength(1);
});

test('of a frame whose method its sender made up, neither the name is told nor what was said of it', () => {
  const decisions = new Decisions('boot', () => 0);
  const method = 'notifications/SAID';
  const reason = `the guard knows no "${method}"`;
  const channel = { direction: 'down', method } as const;
  decisions.decided(decided({ channel, tool: method, verdict: 'denied', deniedBy: 'guard', reason }));
  const told = decisions.find('boot.1');
  expect(told).toMatchObject({ tool: 'other', channel: { method: 'other' }, deniedBy: 'guard' });
  expect(JSON.stringify(told)).not.toContain('SAID');
});

test('where an agent may write follows from its secrecy and the rule of each server', () => {
  const rules: Readonly<Record<string, Rule>> = {
    vault: { kind: 'sink', accept: new AcceptedTags(['private:*']) },
    public: { kind: 'open' },
    guarded: { kind: 'guard' } as Rule,
  };
  const servers = Object.keys(rules);
  const ruleOf = (server: string): Rule => rules[server] as Rule;
  const secret = { secrecy: ['private:files'], integrity: [] };
  expect(writesOf(secret, servers, ruleOf)).toEqual([
    { server: 'vault', verdict: 'allowed', secrecy: [] },
    { server: 'public', verdict: 'denied', secrecy: ['private:files'] },
    { server: 'guarded', verdict: 'asked', secrecy: [] },
  ]);
  const facts = (more: Partial<Decision>, time: number) => ({ ...decided(more), id: '', time }) as DecisionFacts;
  const readings = readingsOf(
    [
      facts({}, 3),
      facts({}, 2),
      facts({ operation: 'write' }, 2),
      facts({ verdict: 'denied', tool: 'no' }, 1),
      facts({ resource: NOTHING }, 1),
    ],
    servers,
    ruleOf,
  );
  expect(readings.map(({ time, secrecy }) => [time, secrecy])).toEqual([
    [3, ['private:files']],
    [1, []],
  ]);
});

test('an explanation names the tags that were missing, and what would have to change', () => {
  const facts = (more: Partial<Decision>): DecisionFacts =>
    ({ ...decided(more), id: 'boot.1', time: 0 }) as DecisionFacts;
  const read = explainDecision(facts({ verdict: 'denied', deniedBy: 'labels', reason: 'no', phaseMs: {} }));
  expect(read.steps.map(({ text }) => text)).toContain('The agent may not know "private:files".');
  expect(read.steps.map(({ text }) => text)).toContain('The server was not asked.');
  expect(read.remedy).toContain('Grant the agent "private:files"');
  const secret = { secrecy: ['private:files'], integrity: [] };
  const write = explainDecision(
    facts({ verdict: 'denied', deniedBy: 'labels', operation: 'write', agent: secret, resource: NOTHING }),
  );
  expect(write.remedy).toContain('Begin a new session that has not read "private:files"');
  expect(explainDecision(facts({})).remedy).toBeUndefined();
  const limit = explainDecision(facts({ verdict: 'denied', deniedBy: 'limit' }));
  expect(limit.remedy).toContain('tool-call-limits');
});

test('calls that are tried share a session of their own, and the policy shows agents, readings and where they may write', async () => {
  const folder = someFiles();
  await using console = await OpenedConsole.open(guardedFiles(folder, { mode: 'propagate' }));
  const browser = await console.signIn();
  const read = { tool: 'files__read_text_file', arguments: { path: `${folder}/private/diary.txt` } };
  const write = { tool: 'public__create_entities', arguments: { entities: [] } };
  const tried = await browser.ask('policy/try', { method: 'POST', body: { calls: [read, write] } });
  expect(tried.body.calls).toMatchObject([
    { tool: read.tool, decision: { server: 'files', operation: 'read', resource: { secrecy: ['private:files'] } } },
    { tool: write.tool, decision: { server: 'public', verdict: 'denied', deniedBy: 'labels' } },
  ]);
  const { body } = await browser.ask('policy');
  expect(body).toMatchObject({ isActive: true, guardsMode: 'strict', agents: [] });
  expect(body.servers).toMatchObject([
    { name: 'files', rule: 'guard', guard: 'paths' },
    { name: 'public', rule: 'open' },
  ]);
  expect(body.readings).toMatchObject([
    { server: 'files', secrecy: ['private:files'], writes: [{ verdict: 'asked' }, { verdict: 'denied' }] },
  ]);
  const { id } = tried.body.calls[1].decision;
  const explained = await browser.ask('policy/explain', { method: 'POST', body: { decision: id } });
  expect(explained.body.remedy).toContain('private:files');

  await browser.ask('call', { method: 'POST', body: read });
  const { agents } = (await browser.ask('policy')).body;
  expect(agents).toMatchObject([{ principal: 'console:link', secrecy: ['private:files'] }]);
  const [call] = (await browser.ask('calls?tool=read_text_file')).body.calls;
  const { phases, decision } = (await browser.ask(`calls/${call.id}`)).body;
  const names = phases.map(({ name }: { name: string }) => name);
  expect(names).toEqual(expect.arrayContaining(['route', 'label_resource', 'backend']));
  expect(decision).toMatchObject({ tool: 'read_text_file', resource: { secrecy: ['private:files'] } });
  expect(JSON.stringify([agents, call, decision, body])).not.toContain('DIARY');
  await browser.ask('session', { method: 'DELETE' });
  const again = await console.signIn();
  await expect.poll(async () => (await again.ask('policy')).body.agents).toEqual([]);
});
