import { builtInDialects, type Dialect } from '@lockgate/abi';
import { echoGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { InlineIsolate } from '../../src/isolate/inline.ts';
import type { IsolateSetup } from '../../src/isolate/isolate.ts';
import { LoopTurns } from '../../src/isolate/loop-turns.ts';

async function start(turns: LoopTurns): Promise<InlineIsolate> {
  const setup = {
    module: await WebAssembly.compile(echoGuest()),
    dialect: builtInDialects.find(({ id }) => id === 'lockgate-plugin') as Dialect,
    limits: { maxMessageBytes: 65_536, memoryCeilingBytes: 16_777_216, maxLogLinesPerCall: 10 },
    grants: { storage: [], env: {} },
    hostCalls: { waits: {} },
    log: () => {},
    onWarning: () => {},
    turns,
  };
  return await InlineIsolate.start(setup as unknown as IsolateSetup);
}

test('a call that nobody wants any more when its turn of the loop comes does not begin', async () => {
  const turns = new LoopTurns();
  const isolate = await start(turns);
  turns.computedSince(performance.now() - 1_000);
  const call = isolate.call('execute', 'no input of a tool', () => {
    throw new Error('its caller has left');
  });
  await expect(call).rejects.toThrow('its caller has left');
});
