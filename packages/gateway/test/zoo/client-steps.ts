import { type RealClient, textOf } from '../e2e/real-clients/real-client.ts';
import type { Step, Transcript } from './transcript.ts';

type Ask = (client: RealClient) => Promise<unknown>;

/** The server that clients are compared at, and what its tools are called with. Kept in step with `client_steps.py`. */
const CALLS: readonly (readonly [string, Record<string, unknown>])[] = [
  ['echo', { message: 'héllo \u2028 "q" \\ 😀' }],
  ['get-sum', { a: 2, b: 0.1 }],
  ['get-tiny-image', {}],
  ['get-annotated-message', { messageType: 'error', includeImage: true }],
  ['get-structured-content', { location: 'New York' }],
  ['get-resource-links', { count: 3 }],
  ['get-sum', { a: 'wrong' }],
  ['zoo-unknown', {}],
];
const URI = 'demo://resource/static/document/architecture.md';

const STEPS: readonly (readonly [label: string, method: string, ask: Ask])[] = [
  ['hello', 'initialize', async ({ common }) => hello(common)],
  ['tools/list', 'tools/list', ({ common }) => common.listTools()],
  ...CALLS.map(
    ([name, args]) => [`tools/call ${name}`, 'tools/call', (client: RealClient) => client.call(name, args)] as const,
  ),
  ['tools/call with progress', 'tools/call', progress],
  [
    'tools/call that asks',
    'tools/call',
    async (client) => textOf(await client.call('trigger-sampling-request', { prompt: 'hi', maxTokens: 5 })),
  ],
  ['resources/list', 'resources/list', ({ common }) => common.listResources()],
  ['resources/templates/list', 'resources/templates/list', ({ common }) => common.listResourceTemplates()],
  [`resources/read ${URI}`, 'resources/read', ({ common }) => common.readResource({ uri: URI })],
  ['resources/read zoo://unknown', 'resources/read', ({ common }) => common.readResource({ uri: 'zoo://unknown' })],
  ['prompts/list', 'prompts/list', ({ common }) => common.listPrompts()],
  ['prompts/get', 'prompts/get', ({ common }) => common.getPrompt({ name: 'args-prompt', arguments: { city: 'x' } })],
  ['prompts/get without its argument', 'prompts/get', ({ common }) => common.getPrompt({ name: 'args-prompt' })],
  ['prompts/get zoo-unknown', 'prompts/get', ({ common }) => common.getPrompt({ name: 'zoo-unknown' })],
  ['completion/complete', 'completion/complete', complete],
];

/** Has a client of some SDK do everything; what is kept is what its program gets to see. */
export async function exerciseClient(client: RealClient): Promise<Transcript> {
  const steps: Step[] = [];
  for (const [label, method, ask] of STEPS) {
    const answer = await ask(client).then(
      (value) => ({ kind: 'result', text: JSON.stringify(value), progress: [] }) as const,
      (error: unknown) => ({ kind: 'error', text: JSON.stringify(seen(error)), progress: [] }) as const,
    );
    steps.push({ label, method, answer });
  }
  return {
    steps,
    counts: { tools: 0, resources: 0, resourceTemplates: 0, prompts: 0 },
    toldAtStart: [],
    told: [],
    asked: [],
  };
}

function hello(common: RealClient['common'] & { getInstructions?(): string | undefined }): object {
  const [serverInfo, capabilities] = [common.getServerVersion(), common.getServerCapabilities()];
  return { serverInfo, capabilities, instructions: common.getInstructions?.() };
}

async function progress(client: RealClient): Promise<unknown> {
  const heard: unknown[] = [];
  const onprogress = (said: unknown): void => void heard.push(said);
  const result = await client.call('trigger-long-running-operation', { duration: 1, steps: 3 }, { onprogress });
  return { heard, result };
}

async function complete({ common }: RealClient): Promise<unknown> {
  const ref = { type: 'ref/prompt', name: 'completable-prompt' } as const;
  return common.complete({ ref, argument: { name: 'department', value: '' } });
}

function seen(error: unknown): object {
  const { code, message, data } = error as { code?: unknown; message?: unknown; data?: unknown };
  return { code, message, data };
}
