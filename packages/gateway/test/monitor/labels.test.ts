import type { Labels } from '@lockgate/abi';
import { labelsSuite } from '@lockgate/testkit';

import { testApi } from '@lockgate/testkit/vitest';
import { describe } from 'vitest';
import type { LabelGuard } from '../../src/monitor/rule.ts';
import { answer, EMPTY, monitorWith } from './plain-guard.ts';

interface Asked {
  readonly call: string;
  readonly labels: Labels;
  readonly operation: 'read' | 'write';
}

// The testkit's suite over the monitor itself: one agent in propagate mode, whole calls, in explored orders. Then once more with a principal that reads without
// a session and writes in one.
describe.each([
  { title: 'a session', readsIn: 'one' },
  { title: 'requests without a session, and a session of the same principal', readsIn: null },
])('$title', ({ readsIn }) => {
  labelsSuite(testApi, {
    supports: { integrity: true },
    create: async ({ guard, backend }) => {
      const asking: LabelGuard = {
        labelAgent: async () => ({ agent: { secrecy: [], integrity: ['w', 'x', 'y', 'z'] }, difcMode: 'propagate' }),
        labelResource: async ({ args }) => {
          const { call, labels, operation } = args as Asked;
          await guard(call);
          return { resource: { description: call, ...labels }, operation };
        },
        labelResponse: async () => ({ kind: 'none' }),
      };
      const { monitor, call, decisions } = monitorWith(asking);
      const ask = (asked: Asked) =>
        monitor.guarded(
          { ...call(asked.operation, { session: asked.operation === 'read' ? readsIn : 'one' }), args: asked },
          async () => {
            await backend(asked.call);
            return answer('done');
          },
        );
      return {
        read: async (name, labels) => {
          await ask({ call: name, labels, operation: 'read' });
        },
        write: async (name, labels) => {
          const denied = await ask({ call: name, labels, operation: 'write' }).catch((error) => error);
          return !(denied instanceof Error);
        },
        labels: () => decisions.at(-1)?.agentAfter ?? EMPTY,
      };
    },
  });
});
