import { expect, test } from 'vitest';
import { InstanceMemory } from '../../src/service/instance-memory.ts';

const MIB = 1_048_576;

test('instances are made while there is room for one more, and one alone always is', () => {
  const running = new Set<{ memoryBytes: number }>();
  const memory = new InstanceMemory(40 * MIB, running);
  const made = Array.from({ length: 3 }, () => ({ memoryBytes: 16 * MIB }));
  const steps = made.map((instance) => {
    memory.made(instance);
    const { hasRoom } = memory;
    if (hasRoom) running.add(instance);
    return hasRoom;
  });
  expect(steps).toEqual([true, true, false]);
  running.clear();
  memory.made({ memoryBytes: 60 * MIB });
  expect([memory.hasRoom, memory.refusal]).toEqual([true, undefined]);
});

test('one alone that has all memory is not refused: it has its own ceiling', () => {
  const running = new Set([{ memoryBytes: 40 * MIB }]);
  const memory = new InstanceMemory(40 * MIB, running);
  expect([memory.refusal, memory.hasRoom]).toEqual([undefined, true]);
  running.add({ memoryBytes: MIB });
  expect(memory.refusal).toContain('the 2 requests under way had 41 MiB of memory, and may have 40 MiB together');
});
