import { Backend, fetchEchoGuest, hammer } from '@lockgate/testkit';
import { expect } from 'vitest';
import type { Plugin, PluginOptions } from '../src/index.ts';
import { openPlugin } from './open-plugin.ts';

const CALLERS = 64;

/** A plugin under the load of 64 callers who mix quick calls with calls that wait on HTTP. */
export interface MixedCalls extends AsyncDisposable {
  readonly plugin: Plugin;
  /** Makes so many calls and checks each answer; rejects when one of them is not the caller's own. */
  run(calls: number): Promise<void>;
}

/** Opens it. */
export async function mixedCalls(options: PluginOptions): Promise<MixedCalls> {
  // Answers come back in another order than they were asked for, by how many turns each takes.
  const { fetch } = new Backend((message) => Number(message) % 3);
  const http = { allow: ['backend.test'] };
  const opened = await openPlugin(fetchEchoGuest(), { ...options, http }, { fetch });
  return {
    plugin: opened.plugin,
    run: (calls) => {
      const loops = Math.ceil(calls / CALLERS);
      return hammer({ workers: CALLERS, loops }, async (worker, loop) => {
        const call = worker * loops + loop;
        if (call >= calls) return;
        const tool = call % 4 === 0 ? 'fetch-then-echo' : 'echo';
        const answer = await opened.plugin.execute(tool, { message: `${call}` });
        expect(answer).toEqual({ data: `${call}`, isError: false });
      });
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
