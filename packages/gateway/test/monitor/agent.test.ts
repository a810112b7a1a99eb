import fc from 'fast-check';
import { expect, test } from 'vitest';
import { labelOf, withGrant, withRead } from '../../src/monitor/agent.ts';
import { plain } from '../../src/monitor/decision.ts';
import { checkFlow } from '../../src/monitor/flow.ts';
import { type Label, toLabel } from '../../src/monitor/label.ts';
import type { AgentLabelsRecord } from '../../src/state/agent-labels-record.ts';

/** An agent's record, changed step by step. */
class Agent {
  record: AgentLabelsRecord | undefined;

  get label(): Label {
    return labelOf(this.record, () => true);
  }

  grant(server: string, { secrecy, integrity }: Label): void {
    this.record = withGrant(this.record, {
      server,
      policyHash: 'one',
      mode: 'propagate',
      secrecy: [...secrecy],
      integrity: [...integrity],
    });
  }

  fold(read: Label): void {
    this.record = withRead(this.record, read);
  }
}

const tag = fc.constantFrom('a', 'b', 'c', 'd');
const labels = fc
  .record({ secrecy: fc.uniqueArray(tag), integrity: fc.uniqueArray(tag) })
  .map((given): Label => toLabel(given));

test('what several guards grant adds up, and a new grant of one guard replaces its old one', () => {
  const agent = new Agent();
  agent.grant('files', toLabel({ secrecy: ['private:files'], integrity: ['reviewed'] }));
  agent.grant('mail', toLabel({ secrecy: ['private:mail'], integrity: [] }));
  expect(plain(agent.label)).toEqual({ secrecy: ['private:files', 'private:mail'], integrity: ['reviewed'] });
  agent.grant('files', toLabel({ secrecy: [], integrity: ['reviewed'] }));
  expect(plain(agent.label)).toEqual({ secrecy: ['private:mail'], integrity: ['reviewed'] });
});

test('reading adds secrecy and keeps only the integrity that all reads share', () => {
  const agent = new Agent();
  agent.grant('files', toLabel({ secrecy: [], integrity: ['a', 'b'] }));
  agent.fold(toLabel({ secrecy: ['s'], integrity: ['a', 'b', 'c'] }));
  expect(plain(agent.label)).toEqual({ secrecy: ['s'], integrity: ['a', 'b'] });
  agent.fold(toLabel({ secrecy: ['t'], integrity: ['b', 'c'] }));
  expect(plain(agent.label)).toEqual({ secrecy: ['s', 't'], integrity: ['b'] });
});

test('a later grant does not bring back integrity that reading has lost', () => {
  const agent = new Agent();
  agent.fold(toLabel({ secrecy: [], integrity: [] }));
  agent.grant('files', toLabel({ secrecy: [], integrity: ['a'] }));
  expect(plain(agent.label).integrity).toEqual([]);
});

test('no sequence of reads ever widens where an agent may write', () => {
  fc.assert(
    fc.property(labels, fc.array(labels, { maxLength: 6 }), labels, (grant, reads, target) => {
      const agent = new Agent();
      agent.grant('server', grant);
      let writable = checkFlow('write', agent.label, target) === undefined;
      for (const read of reads) {
        agent.fold(read);
        const still = checkFlow('write', agent.label, target) === undefined;
        expect(still && !writable).toBe(false);
        writable = still;
      }
    }),
  );
});

test('the order of reads does not matter', () => {
  fc.assert(
    fc.property(labels, fc.array(labels, { maxLength: 5 }), (grant, reads) => {
      const after = (order: readonly Label[]) => {
        const agent = new Agent();
        agent.grant('server', grant);
        for (const read of order) agent.fold(read);
        return plain(agent.label);
      };
      expect(after(reads.toReversed())).toEqual(after(reads));
    }),
  );
});

test('reading what changes no label leaves the record alone, and a record holds plain lists', () => {
  const agent = new Agent();
  agent.grant('files', toLabel({ secrecy: ['s'], integrity: ['a'] }));
  agent.fold(toLabel({ secrecy: ['s', 't'], integrity: ['a', 'b'] }));
  const { record } = agent;
  agent.fold(toLabel({ secrecy: ['t'], integrity: ['b', 'a', 'c'] }));
  expect(agent.record).toBe(record);
  expect(JSON.parse(JSON.stringify(record))).toEqual(record);
});
