import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkFlow, type Operation } from '../../src/monitor/flow.ts';
import { AcceptedTags, EMPTY_LABEL, join, type Label, toLabel } from '../../src/monitor/label.ts';

const tag = fc.constantFrom('a', 'b', 'c', 'd');
const labels = fc
  .record({ secrecy: fc.uniqueArray(tag), integrity: fc.uniqueArray(tag) })
  .map((plain): Label => toLabel(plain));
const allowed = (operation: Operation, agent: Label, resource: Label): boolean =>
  checkFlow(operation, agent, resource) === undefined;

describe('the table of checks', () => {
  const agent = toLabel({ secrecy: ['s'], integrity: ['i'] });
  const cases: [string, Operation, { secrecy: string[]; integrity: string[] }, boolean][] = [
    ['a read needs agent ⊇ resource in secrecy', 'read', { secrecy: ['s', 't'], integrity: ['i'] }, false],
    ['a read needs resource ⊇ agent in integrity', 'read', { secrecy: ['s'], integrity: [] }, false],
    ['a read of less secret and better vouched data passes', 'read', { secrecy: [], integrity: ['i', 'j'] }, true],
    ['a write needs resource ⊇ agent in secrecy', 'write', { secrecy: [], integrity: ['i'] }, false],
    ['a write needs agent ⊇ resource in integrity', 'write', { secrecy: ['s'], integrity: ['i', 'j'] }, false],
    ['a write to a more secret, less demanding target passes', 'write', { secrecy: ['s', 't'], integrity: [] }, true],
    ['a read-write fails where the read would', 'read-write', { secrecy: ['s', 't'], integrity: ['i'] }, false],
    ['a read-write fails where the write would', 'read-write', { secrecy: [], integrity: ['i'] }, false],
    ['a read-write passes between equals', 'read-write', { secrecy: ['s'], integrity: ['i'] }, true],
  ];
  test.each(cases)('%s', (_, operation, resource, expected) => {
    expect(allowed(operation, agent, toLabel(resource))).toBe(expected);
  });

  test('a violation names the tags that are missing', () => {
    const resource = toLabel({ secrecy: ['t'], integrity: [] });
    expect(checkFlow('read', agent, resource)).toEqual({ operation: 'read', secrecy: ['t'], integrity: ['i'] });
    expect(checkFlow('write', agent, resource)).toEqual({ operation: 'write', secrecy: ['s'], integrity: [] });
  });

  test('an unlabelled agent may do anything with the public internet', () => {
    for (const operation of ['read', 'write', 'read-write'] as const) {
      expect(allowed(operation, EMPTY_LABEL, EMPTY_LABEL)).toBe(true);
    }
  });
});

describe('the lattice', () => {
  test('is reflexive: everybody may read and write what has their own label', () => {
    fc.assert(fc.property(labels, (label) => allowed('read-write', label, label)));
  });

  test('is transitive: what flows to a go-between flows on only where it could go at once', () => {
    fc.assert(
      fc.property(labels, labels, labels, (one, two, three) => {
        fc.pre(allowed('write', one, two) && allowed('write', two, three));
        return allowed('write', one, three);
      }),
    );
  });

  test('reading and writing are each other’s mirror', () => {
    fc.assert(fc.property(labels, labels, (one, two) => allowed('read', one, two) === allowed('write', two, one)));
  });

  test('a join is at least as restrictive as each of its halves, and joining twice changes nothing', () => {
    fc.assert(
      fc.property(labels, labels, (one, two) => {
        const both = join(one, two);
        expect(allowed('write', one, both) && allowed('write', two, both)).toBe(true);
        expect(join(both, one)).toEqual(both);
      }),
    );
  });
});

describe('tags that a sink accepts', () => {
  const sink = (accept: string[]): Label => ({ secrecy: new AcceptedTags(accept), integrity: new Set() });
  const carrying = (...secrecy: string[]): Label => toLabel({ secrecy, integrity: [] });

  test('a plain tag accepts itself and nothing that it is a prefix of', () => {
    expect(allowed('write', carrying('private:acme'), sink(['private:acme']))).toBe(true);
    expect(allowed('write', carrying('private:acme/app'), sink(['private:acme']))).toBe(false);
  });

  test('a star at the end accepts every rest, and alone every tag', () => {
    expect(allowed('write', carrying('private:acme/app'), sink(['private:acme/*']))).toBe(true);
    expect(allowed('write', carrying('private:other/app'), sink(['private:acme/*']))).toBe(false);
    expect(allowed('write', carrying('x', 'y'), sink(['*']))).toBe(true);
  });

  test('a star in an agent’s or a guard’s label is a tag like any other', () => {
    expect(allowed('read', carrying('*'), carrying('private:acme'))).toBe(false);
  });
});
