import { Client, StreamableHTTPClientTransport, type Tool } from '@modelcontextprotocol/client';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import type { LockgateFile } from '../../src/config/schema.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { ENTITIES, type Task, tokenTasks } from './token-tasks.ts';

/** The ways to get at the same, and the tokens that a conversation of each has. */
export interface TaskCosts {
  readonly title: string;
  /** Every tool is listed, every answer comes whole. */
  readonly list: number;
  /** Tools are searched and executed. */
  readonly search: number;
  /** The same, and `execute` is told what is wanted of the answer. */
  readonly fields: number;
  /** One script calls the tools. */
  readonly script: number;
}

export interface Costs {
  /** Tools of the servers, and the tokens of their list and of the gateway's own. */
  readonly tools: number;
  readonly listTokens: number;
  readonly ownTokens: number;
  readonly tasks: readonly TaskCosts[];
}

/**
 * Does eight tasks in four ways on real servers, each as a conversation of its own, and counts the tokens of what a model is given and has to write: the tools that are listed, its calls, and the texts of
 * their answers.
 *
 * @throws an Error where a way does not get what was asked for.
 */
export async function tokenCosts(config: LockgateFile, folder: string): Promise<Costs> {
  await using gateway = await createGateway(
    { ...config, gateway: { listen: '127.0.0.1:0' } },
    { startWindowMs: 60_000 },
  );
  await gateway.started();
  const { url } = await gateway.listen();
  await using listing = await connected(url);
  await using searching = await connected(`${url}?discovery=search`);
  await listing.callTool({ name: 'memory__create_entities', arguments: { entities: ENTITIES } });
  const listed = (await listing.listTools()).tools;
  const own = (await searching.listTools()).tools;
  const [listTokens, ownTokens] = [listed, own].map((tools) => tokens(tools.map(shownToModel))) as [number, number];
  const tasks: TaskCosts[] = [];
  for (const task of tokenTasks(folder)) tasks.push(await costsOf(task, listing, searching, listTokens, ownTokens));
  return { tools: listed.length, listTokens, ownTokens, tasks };
}

async function costsOf(
  { title, search, calls, script, finds }: Task,
  listing: Client,
  searching: Client,
  listTokens: number,
  ownTokens: number,
): Promise<TaskCosts> {
  const run = async (client: Client, made: readonly (readonly [string, object])[]): Promise<number> => {
    let sum = 0;
    let said = '';
    for (const [name, args] of made) {
      said = await textsOf(client, name, args);
      sum += tokens({ name, arguments: args }) + encode(said).length;
    }
    if (!finds.test(said)) throw new Error(`"${title}" does not find ${String(finds)} but ${said.slice(0, 500)}`);
    return sum;
  };
  const found = ['search', search] as const;
  const executed = (isWhole: boolean) =>
    calls.map(({ answer, ...call }) => ['execute', isWhole || !answer ? call : { ...call, answer }] as const);
  return {
    title,
    list:
      listTokens +
      (await run(
        listing,
        calls.map(({ tool, arguments: args }) => [tool, args] as const),
      )),
    search: ownTokens + (await run(searching, [found, ...executed(true)])),
    fields: ownTokens + (await run(searching, [found, ...executed(false)])),
    script: ownTokens + (await run(searching, [found, ['run_script', { code: script }]])),
  };
}

async function textsOf(client: Client, name: string, args: object): Promise<string> {
  const { content, isError } = await client.callTool({ name, arguments: args as Record<string, unknown> });
  const texts = (content as { text?: string }[]).map(({ text = '' }) => text).join('\n');
  if (isError) throw new Error(`${name} answered with an error: ${texts}`);
  return texts;
}

/** Of a tool clients show their models no more. */
function shownToModel({ name, description, inputSchema }: Tool): object {
  return { name, description, inputSchema };
}

function tokens(value: unknown): number {
  return encode(JSON.stringify(value)).length;
}

async function connected(url: string): Promise<Client & AsyncDisposable> {
  const client = new Client({ name: 'tokens', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}
