import { expect, test } from 'vitest';
import { HostMemory } from '../../../src/component/host-memory.ts';
import { Fields } from '../../../src/component/http/fields.ts';

const value = (text: string): Uint8Array => new TextEncoder().encode(text);
const namesOf = (fields: Fields): readonly string[] => fields.headers.map(([name]) => name);

test('what is appended to many headers copies none of them', () => {
  const fields = new Fields(new HostMemory(0));
  fields.append('a', value('1'));
  const list = fields.headers;
  for (let index = 0; index < 900; index++) fields.append(`b-${index}`, value('1'));
  expect(fields.headers).toBe(list);
  expect(fields.headers).toHaveLength(901);
});

test('what is appended to one of two that were one is in that alone', () => {
  const first = new Fields(new HostMemory(0), [['a', value('1')]]);
  first.append('b', value('2'));
  const second = first.clone();
  second.append('c', value('3'));
  first.append('d', value('4'));
  const third = second.clone();
  second.set('A', []);
  expect([first, second, third].map(namesOf)).toEqual([
    ['a', 'b', 'd'],
    ['b', 'c'],
    ['a', 'b', 'c'],
  ]);
});

test('what is kept is what there is, and more than a message may have is refused', () => {
  const fields = new Fields(new HostMemory(0));
  fields.append('name', value('value'));
  expect(fields.keptBytes).toBe(256 + 9);
  fields.set('NAME', [value('x'), value('yz')]);
  expect(fields.keptBytes).toBe(2 * 256 + 8 + 3);
  fields.set('name', []);
  expect(fields.keptBytes).toBe(0);
  expect(() => fields.append('a', new Uint8Array(131_072).fill(65))).toThrow(
    /more than 1000 or more than 131072 bytes/,
  );
  for (let index = 0; index < 1_000; index++) fields.append('a', value('1'));
  expect(() => fields.append('a', value('1'))).toThrow(/more than 1000/);
  expect(() => fields.set('b', [value('1')])).toThrow(/more than 1000/);
  expect(fields.headers).toHaveLength(1_000);
});
