import { expect } from 'vitest';
import { MANY } from './many-items.ts';
import { NAME, type RealClient, textOf } from './real-client.ts';

/** What one client does at the gateway of `openServedGateway`. */
export interface Exercise {
  readonly title: string;
  /** What a client must be able to do, beyond what all are. */
  readonly needs?: 'elicitation' | 'cancellation' | 'watching' | 'rootsNews' | 'ping';
  /** Lists of more than one page are all that it is about. */
  readonly isOfPages?: true;
  readonly run: (client: RealClient) => Promise<void>;
}

/** What transports cut lines and events at, or write in other ways. */
const ODD = 'é\r\n\n\u2028\u0085\u0000"\\/data: 😀\uFEFF';

const WATCHED = 'test://watched-resource';

export const EXERCISES: readonly Exercise[] = [
  {
    title: 'knows whom it talks to',
    run: async ({ common }) => {
      expect(common.getServerVersion()).toMatchObject({ name: 'lockgate' });
      expect(Object.keys(common.getServerCapabilities() ?? {})).toEqual(
        expect.arrayContaining(['tools', 'resources', 'prompts', 'completions', 'logging']),
      );
    },
  },
  {
    title: 'lists tools, resources, templates and prompts, every page of them',
    isOfPages: true,
    run: async ({ common }) => {
      const tools = await all((cursor) => common.listTools(cursor), 'tools');
      expectMany(tools, 'fixture__test_simple_text', 'everything__echo', `many__tool-${MANY - 1}`);
      const prompts = await all((cursor) => common.listPrompts(cursor), 'prompts');
      expectMany(prompts, 'fixture__test_simple_prompt', 'everything__simple-prompt', `many__prompt-${MANY - 1}`);
      const resources = await all((cursor) => common.listResources(cursor), 'resources');
      expectMany(resources, 'Static text', `Item ${MANY - 1}`);
      const templates = await all((cursor) => common.listResourceTemplates(cursor), 'resourceTemplates');
      expectMany(templates, 'Template', `Kind ${MANY - 1}`);
    },
  },
  {
    title: 'calls tools: results, results that are errors, and errors',
    run: async (client) => {
      expect(textOf(await client.call('fixture__test_simple_text'))).toContain('simple text response');
      expect(textOf(await client.call('everything__echo', { message: 'hello' }))).toContain('hello');
      expect(await client.call('fixture__test_error_handling')).toMatchObject({ isError: true });
      const unknown = client.call('fixture__none');
      await expect(unknown).rejects.toMatchObject({ code: -32602, message: expect.stringContaining('fixture__none') });
      // The client is none the worse for it.
      expect(textOf(await client.call('everything__get-sum', { a: 2, b: 3 }))).toContain('5');
    },
  },
  {
    title: 'makes many calls at once, and each is answered with what was said in it, every character of it',
    run: async (client) => {
      const said = Array.from({ length: 40 }, (_, number) => `${number}${ODD.repeat(number === 0 ? 10_000 : 1)}`);
      const answers = await Promise.all(said.map((message) => client.call('everything__echo', { message })));
      expect(answers.map(textOf)).toEqual(said.map((message) => `Echo: ${message}`));
    },
  },
  {
    title: 'reads resources, gets prompts and has arguments completed',
    run: async ({ common }) => {
      const { contents } = await common.readResource({ uri: 'test://template/7/data' });
      expect(contents).toMatchObject([{ uri: 'test://template/7/data', text: expect.stringContaining('"id":"7"') }]);
      await expect(common.readResource({ uri: 'none://at/all' })).rejects.toMatchObject({ code: expect.any(Number) });
      const args = { arg1: 'a', arg2: 'b' };
      const prompt = await common.getPrompt({ name: 'fixture__test_prompt_with_arguments', arguments: args });
      expect(prompt.messages).toMatchObject([{ content: { text: "Prompt with arguments: arg1='a', arg2='b'" } }]);
      const ref = { type: 'ref/prompt', name: 'fixture__test_prompt_with_arguments' } as const;
      const { completion } = await common.complete({ ref, argument: { name: 'arg1', value: 'par' } });
      expect(completion.values).toEqual(['paris', 'park', 'party']);
    },
  },
  {
    title: 'hears the progress of its call',
    run: async (client) => {
      const progress = async (): Promise<number[]> => {
        const heard: number[] = [];
        await client.call(
          'fixture__test_tool_with_progress',
          {},
          { onprogress: ({ progress: now }) => heard.push(now) },
        );
        return heard;
      };
      // Clients of the SDK 1 forget the progress that reaches them in one chunk with the answer, as on a busy machine it may.
      await expect.poll(progress).toEqual([0, 50, 100]);
    },
  },
  {
    title: 'hears log messages from the level on that it asked for',
    run: async (client) => {
      const heard: unknown[] = [];
      // The other server may say something as well.
      client.hear('notifications/message', ({ data }) => {
        if (String(data).startsWith('Tool ')) heard.push(data);
      });
      await client.callWithLogs('fixture__test_tool_with_logging', 'error');
      expect(heard).toEqual([]);
      await client.callWithLogs('fixture__test_tool_with_logging', 'info');
      const expected = ['Tool execution started', 'Tool processing data', 'Tool execution completed'];
      await expect.poll(() => heard).toEqual(expected);
    },
  },
  {
    title: 'cancels a call, at the server too',
    needs: 'cancellation',
    run: async (client) => {
      const waiting = async (count: string): Promise<void> => {
        const counted = async () => textOf(await client.call('fixture__count_waiting'));
        await expect.poll(counted).toBe(count);
      };
      await waiting('0');
      const cancelling = new AbortController();
      const ended = client.call('fixture__wait_until_cancelled', {}, { signal: cancelling.signal });
      const failed = ended.then(() => 'answered').catch(() => 'cancelled');
      await waiting('1');
      cancelling.abort('no longer wanted');
      expect(await failed).toBe('cancelled');
      await waiting('0');
    },
  },
  {
    title: 'is told that a resource and the list of tools have changed',
    needs: 'watching',
    run: async (client) => {
      const updated = Promise.withResolvers<unknown>();
      const changed = Promise.withResolvers<void>();
      client.hear('notifications/resources/updated', ({ uri }) => updated.resolve(uri));
      client.hear('notifications/tools/list_changed', () => changed.resolve());
      await client.watch(WATCHED);
      await client.call('fixture__touch_watched_resource');
      expect(await updated.promise).toBe(WATCHED);
      await client.call('fixture__test_trigger_tool_change');
      await changed.promise;
    },
  },
  {
    title: 'samples and tells its roots when it is asked in a call',
    run: async (client) => {
      expect(textOf(await client.call('fixture__test_sampling', { prompt: 'hi' }))).toContain(NAME);
      const roots = await client.call('fixture__test_input_required_result_list_roots');
      expect(textOf(roots)).toContain(`file:///${NAME}`);
      const asked = await client.call('everything__trigger-sampling-request', { prompt: 'hi', maxTokens: 10 });
      expect(textOf(asked)).toContain(NAME);
    },
  },
  {
    title: 'says that its roots have changed, and is asked for them outside of any call',
    needs: 'rootsNews',
    run: async (client) => {
      expect(textOf(await client.call('everything__get-roots-list'))).toContain(NAME);
      const before = client.asked.length;
      await client.common.sendRootsListChanged();
      await expect.poll(() => client.asked.slice(before)).toEqual(['roots/list']);
    },
  },
  {
    title: 'answers for its user when it is asked in a call',
    needs: 'elicitation',
    run: async (client) => {
      expect(textOf(await client.call('fixture__test_elicitation', { message: 'who?' }))).toContain(`${NAME}@x`);
      expect(JSON.stringify(await client.call('everything__trigger-elicitation-request'))).toContain(NAME);
    },
  },
  {
    title: 'pings',
    needs: 'ping',
    run: async ({ common }) => {
      expect(await common.ping()).toEqual({});
    },
  },
];

type Page = Readonly<Record<string, unknown>> & { readonly nextCursor?: string | undefined };

async function all(list: (cursor?: { cursor: string }) => Promise<unknown>, of: string): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = (await list(cursor === undefined ? undefined : { cursor })) as Page;
    names.push(...(page[of] as { name: string }[]).map(({ name }) => name));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return names;
}

function expectMany(names: readonly string[], ...some: readonly string[]): void {
  expect(names.length).toBeGreaterThan(MANY);
  expect(new Set(names).size).toBeGreaterThan(MANY);
  for (const name of some) expect(names).toContain(name);
}
