import assert from 'node:assert/strict';
import type { CreateModuleOptions, ModuleSuiteOptions } from '../subjects.ts';
import { SuiteWriter, type TestApi } from '../test-api.ts';
import { Backend } from '../tools/backend.ts';
import { type HammerOptions, hammer } from '../tools/hammer.ts';
import { inTime } from '../tools/in-time.ts';
import { type OpenModule, openModule } from './open-module.ts';

/** How hard to hammer, and whether on a pool. */
export interface HammerSuiteOptions extends ModuleSuiteOptions, HammerOptions {
  readonly instances?: NonNullable<CreateModuleOptions['instances']>;
}

/** Everything at once, from many callers: each must get its own answer. */
export function moduleHammerSuite(t: TestApi, options: HammerSuiteOptions): void {
  const suite = new SuiteWriter(t, options.supports);
  const workers = options.workers ?? 16;
  const loops = options.loops ?? 25;
  const open = () => {
    // Answers come back in another order than they were asked for, by how many turns each takes.
    const backend = new Backend((message) => (Number(message) * 7) % 5);
    const pool = options.instances === undefined ? {} : { instances: options.instances };
    return openModule(options, 'fetch-echo', { backend, ...pool });
  };

  t.describe('hammer', () => {
    suite.itWith(['http'], `every call gets its own answer (${workers} callers × ${loops} calls)`, async () => {
      await using module = await open();
      await hammer({ workers, loops }, async (worker, loop) => {
        const message = `${worker * loops + loop}`;
        const tool = (worker + loop) % 3 === 0 ? 'fetch-then-echo' : 'echo';
        const answer = await inTime(module.say(tool, message), `${tool} "${message}"`);
        assert.equal(answer, message, `the answer to ${tool} "${message}"`);
      });
    });

    const mixed = ['http', 'questions', 'configure'] as const;
    suite.itWith(mixed, 'questions and settings among the calls disturb none of them', async () => {
      await using module = await open();
      await hammer({ workers, loops }, async (worker, loop) => {
        const what = (worker + loop) % 7;
        await inTime(oneOf(module, what, `${worker * loops + loop}`), `call ${loop} of caller ${worker}`);
      });
    });
  });
}

async function oneOf({ subject, say }: OpenModule, what: number, message: string): Promise<void> {
  switch (what) {
    case 0:
      return assert.equal(await subject.name?.(), 'echo');
    case 1:
      return assert.ok(((await subject.tools?.()) ?? []).length >= 4, 'the tools');
    case 2:
      return assert.ok(await subject.metadata?.(), 'the metadata');
    case 3:
      return assert.equal(await subject.healthy?.(), true);
    case 4:
      return subject.configure?.({ message });
    case 5:
      return assert.equal(await say('fetch-then-echo', message), message);
    default:
      return assert.equal(await say('echo', message), message);
  }
}
