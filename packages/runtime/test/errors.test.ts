import { expect, test } from 'vitest';
import { CallTimeoutError, MemoryCeilingError, QueueFullError, QueueTimeoutError } from '../src/index.ts';

const module = 'm';

test.each([
  ['callTimeoutMs', new CallTimeoutError({ module, exportName: 'run', callTimeoutMs: 5 })],
  ['queueTimeoutMs', new QueueTimeoutError({ module, queueTimeoutMs: 5 })],
  ['maxQueue', new QueueFullError({ module, maxQueue: 5 })],
  ['memoryCeilingBytes', new MemoryCeilingError({ module, initialBytes: 6, ceilingBytes: 5 })],
])(
  'the limit %s is named as a program has it, and as the configuration of the gateway has it',
  (limit, { message }) => {
    expect(message).toMatch(new RegExp(`[Rr]aise .*"${limit}" \\("limits\\.${limit}" in lockgate\\.json\\)`));
  },
);
