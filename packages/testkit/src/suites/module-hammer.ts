import assert from 'node:assert/strict';
import type { CreateModuleOptions, ModuleSuiteOptions } from '../subjects.ts';
import { SuiteWriter, type TestApi } from '../test-api.ts';
import { Backend } from '../tools/backend.ts';
import { type HammerOptions, hammer } from '../tools/hammer.ts';
import { inTime } from '../tools/in-time.ts';
import { openModule } from './open-module.ts';

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
      const work = hammer({ workers, loops }, async (worker, loop) => {
        const message = `${worker * loops + loop}`;
        const tool = (worker + loop) % 3 === 0 ? 'fetch-then-echo' : 'echo';
        assert.equal(await module.say(tool, message), message, `the answer to ${tool} "${message}"`);
      });
      await inTime(work, 'the hammer');
    });

    suite.itWith(
      ['http', 'questions', 'configure'],
      'questions and settings among the calls disturb none of them',
      async () => {
        await using module = await open();
        const { subject } = module;
        const work = hammer({ workers, loops }, async (worker, loop) => {
          const message = `${worker * loops + loop}`;
          switch ((worker + loop) % 7) {
            case 0:
              return assert.equal(await subject.name?.(), 'echo');
            case 1:
              return assert.ok(((await subject.tools?.()) ?? []).length >= 4, 'the tools');
            case 2:
              return assert.ok(await subject.metadata?.(), 'the metadata');
            case 3:
              return assert.equal(await subject.healthy?.(), true);
            case 4:
              return subject.configure?.({ worker: `${worker}`, loop: `${loop}` });
            case 5:
              return assert.equal(await module.say('fetch-then-echo', message), message);
            default:
              return assert.equal(await module.say('echo', message), message);
          }
        });
        await inTime(work, 'the hammer');
      },
    );
  });
}
