import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, textOf } from '../clients.ts';
import { EXERCISES } from './exercises.ts';
import { keepScore } from './keep-score.ts';
import { BYTECODE, type PythonEnvironment, pythonWith } from './python-environment.ts';
import type { Transport } from './real-client.ts';
import { openServedGateway, type ServedGateway } from './served-gateway.ts';

const scripts = new URL('./python/', import.meta.url).pathname;

interface Package {
  readonly requirement: string;
  /** What else is in its environment: what it needs older than the newest, or who shares it. */
  readonly pins: readonly string[];
  /** The file that knows its interface. */
  readonly module: string;
  readonly runs: readonly (readonly [Transport, 'legacy' | 'auto'])[];
}

const HTTP = 'streamable HTTP';
const SSE = 'HTTP+SSE';

const PACKAGES: readonly Package[] = [
  // 1.8.0 is the first with streamable HTTP, but cannot be asked anything there while it waits for an answer.
  {
    requirement: 'mcp==1.8.1',
    pins: ['pydantic==2.11.10'],
    module: 'mcp_one',
    runs: [
      [HTTP, 'legacy'],
      [SSE, 'legacy'],
    ],
  },
  {
    requirement: 'mcp==1.30.0',
    pins: [],
    module: 'mcp_one',
    runs: [
      [HTTP, 'legacy'],
      ['stdio', 'legacy'],
      [SSE, 'legacy'],
    ],
  },
  {
    requirement: 'mcp==2.3.0',
    pins: ['fastmcp==4.2.3'],
    module: 'mcp_two',
    runs: [
      [HTTP, 'legacy'],
      [HTTP, 'auto'],
      ['stdio', 'auto'],
      [SSE, 'legacy'],
    ],
  },
  {
    requirement: 'fastmcp==4.2.3',
    pins: ['mcp==2.3.0'],
    module: 'fast_mcp',
    runs: [
      [HTTP, 'auto'],
      ['stdio', 'legacy'],
    ],
  },
];

interface Said {
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly why?: string;
}

keepScore();

let served: ServedGateway;
const environments = new Map<string, PythonEnvironment>();

beforeAll(async () => {
  const opening = openServedGateway('modern');
  for (const { requirement, pins } of PACKAGES) environments.set(requirement, await pythonWith(requirement, ...pins));
  served = await opening;
}, 900_000);

afterAll(() => served[Symbol.asyncDispose]());

describe.each(PACKAGES)('Python $requirement', ({ requirement, module, runs }) => {
  describe.each(runs)('over %s, era %s', (transport, mode) => {
    let said: readonly Said[] = [];

    beforeAll(async () => {
      const environment = environments.get(requirement);
      if (environment && 'python' in environment) said = await exercise(environment.python, module, transport, mode);
    });

    for (const { title } of EXERCISES) {
      test(title, ({ skip }) => {
        const environment = environments.get(requirement);
        if (environment && 'missing' in environment) skip(environment.missing);
        const found = said.find((one) => one.title === title);
        if (found?.outcome === 'skipped') skip(found.why);
        expect(found, 'the exercise was not reached').toBeDefined();
        expect(found?.why ?? '').toBe('');
      });
    }
  });
});

async function exercise(python: string, module: string, transport: Transport, mode: string): Promise<Said[]> {
  const args = [
    `${scripts}exercise.py`,
    module,
    transport,
    mode,
    JSON.stringify(served.addresses),
    JSON.stringify(served.few),
  ];
  const env = { PATH: process.env.PATH, HOME: served.folder, PYTHONPYCACHEPREFIX: BYTECODE };
  const { stdout } = await promisify(execFile)(python, args, { env, timeout: 170_000 });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe.each(['mcp==1.30.0', 'mcp==2.3.0'])('a server of Python %s over stdio', (requirement) => {
  test('is served to clients of both eras', async ({ skip }) => {
    const environment = environments.get(requirement) as PythonEnvironment;
    if ('missing' in environment) return skip(environment.missing);
    const program = { command: environment.python, args: [`${scripts}quick_server.py`] };
    await using gatewayed = await openServedGateway('modern', { python: program });
    for (const era of ['legacy', 'modern'] as const) {
      await using client = await connect(`${gatewayed.addresses.http}/python`, era);
      expect(textOf(await client.callTool({ name: 'add', arguments: { a: 2, b: 3 } }))).toBe('5');
      expect(await client.callTool({ name: 'fail', arguments: {} })).toMatchObject({ isError: true });
      const { contents } = await client.readResource({ uri: 'python://greeting/ada' });
      expect(contents).toMatchObject([{ text: 'Hello, ada!' }]);
      const { messages } = await client.getPrompt({ name: 'review', arguments: { code: 'x = 1' } });
      expect(messages).toMatchObject([{ content: { text: 'Review: x = 1' } }]);
    }
  });
});
