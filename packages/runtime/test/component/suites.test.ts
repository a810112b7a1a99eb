import { type CreateModuleOptions, componentGuest, type ModuleSubject, moduleSuites } from '@lockgate/testkit';
import { testApi } from '@lockgate/testkit/vitest';
import { describe } from 'vitest';
import type { Isolation } from '../../src/index.ts';
import { subject } from '../subject.ts';

/** The names that the tools of the guest have, and those of their argument. */
const TOOLS: Readonly<Record<string, { readonly tool: string; readonly takesText?: boolean }>> = {
  echo: { tool: 'echo', takesText: true },
  count: { tool: 'count' },
  misbehave: { tool: 'trap' },
};
const NO_TOOL = 'Error: there is no tool "no-such-tool"';

const supports = {
  http: 'this guest imports nothing; requests of components are tried in http.test.ts',
  guestLog: 'this guest imports nothing, so that it cannot log',
  questions: 'a component has tools, and no name, version or health',
  configure: 'this guest imports nothing by which it could read its settings',
  liveBlocks: 'each call has an instance of its own, and with it a new memory',
  leaks: 'each call has an instance of its own, and with it a new memory',
  warnings: 'it has no frees that could trap',
} as const;

describe.each<Isolation>(['inline', 'worker'])('a component %s', (isolation) => {
  const open = subject(isolation);
  const create = async (options: CreateModuleOptions): Promise<ModuleSubject> => {
    const plugin = await open({ ...options, bytes: componentGuest() });
    return {
      execute: async (name, { message }, more) => {
        const { tool, takesText } = TOOLS[name] ?? { tool: name };
        const { data, isError } = await plugin.execute(tool, takesText ? { text: message } : {}, more);
        return { data: data === NO_TOOL ? 'no such tool' : data, isError };
      },
      close: () => plugin.close(),
      [Symbol.asyncDispose]: () => plugin[Symbol.asyncDispose](),
    };
  };
  moduleSuites(testApi, { create, supports });
});
