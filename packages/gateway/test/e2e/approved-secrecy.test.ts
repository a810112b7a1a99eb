import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ApprovalList } from '../../src/console/api.ts';
import { OpenedConsole } from '../console/open-console.ts';
import { FICKLE } from '../fixtures/fickle-program.ts';
import { connect } from './clients.ts';
import { call, guardedFiles, someFiles } from './guarded-files.ts';

const NOTE = JSON.stringify({ name: 'note', inputSchema: { type: 'object' } });
const BY_LABELS: object = { tools: ['*/*'], secrecy: ['private:*'] };
const ASKED = 'ERROR Not called: the tool';

/** Files of two secrets, an outbox that takes both, and a public board that takes none. */
async function open(
  require: 'client' | 'operator',
  rules: readonly object[] = [],
  accept = ['private:files'],
  what = BY_LABELS,
) {
  const folder = someFiles();
  mkdirSync(join(folder, 'salaries'));
  writeFileSync(join(folder, 'salaries', 'all.txt'), 'SALARIES');
  const folders = { private: ['private:files'], salaries: ['private:salaries'] };
  const { mcpServers, ...config } = guardedFiles(folder, { mode: 'propagate', folders });
  const console = await OpenedConsole.open({
    ...config,
    gateway: { approvals: [{ ...what, require }, ...rules] },
    mcpServers: {
      ...mcpServers,
      outbox: {
        command: process.execPath,
        args: ['-e', FICKLE, JSON.stringify({ prompts: [], tools: [NOTE] })],
        'guard-policies': { 'write-sink': { accept } },
        'tool-call-limits': { note: 2 },
      },
    },
  } as never);
  return {
    console,
    url: `${console.base}/mcp`,
    diary: { path: join(folder, 'private/diary.txt') },
    salaries: { path: join(folder, 'salaries/all.txt') },
    [Symbol.asyncDispose]: () => console[Symbol.asyncDispose](),
  };
}

test('a call is held back once secrecy would leave with it, and not before', async () => {
  await using opened = await open('operator');
  const { console, url, diary } = opened;
  const operator = await console.signIn();
  await using client = await connect(url, 'legacy');
  // Its answer is as secret as what the outbox takes.
  expect(await call(client, 'outbox__note', {})).toContain('The call was carried out');
  // A read takes nothing along, whatever was read before.
  expect(await call(client, 'files__read_text_file', diary)).toBe('DIARY');
  expect(await call(client, 'files__read_text_file', diary)).toBe('DIARY');
  expect(await call(client, 'outbox__note', {})).toContain(ASKED);
  const { approvals } = (await operator.ask('approvals')).body as ApprovalList;
  expect(approvals).toMatchObject([{ server: 'outbox', tool: 'note', leaving: ['private:files'], state: 'waiting' }]);
  await operator.ask(`approvals/${approvals[0]?.id}/approve`, { method: 'POST' });
  // What was held back took nothing off the limit of two.
  expect(await call(client, 'outbox__note', {})).toBe('called note');
  expect(await call(client, 'outbox__note', {})).toContain(ASKED);
});

test.each([
  ['by their labels', BY_LABELS],
  ['whatever their labels', { tools: ['public/*'] }],
])(
  'what the monitor denies is denied, and nobody is asked to approve it, where calls are held back %s',
  async (_, what) => {
    await using opened = await open('operator', [], [], what);
    const { console, url, diary } = opened;
    const operator = await console.signIn();
    await using client = await connect(url, 'legacy');
    await call(client, 'files__read_text_file', diary);
    const note = { entities: [{ name: 'n', entityType: 't', observations: ['o'] }] };
    expect(await call(client, 'public__create_entities', note)).toMatch(/^ERROR Denied: .*private:files/);
    expect(((await operator.ask('approvals')).body as ApprovalList).approvals).toEqual([]);
  },
);

test.each(['legacy', 'modern'] as const)(
  'what a %s client reads while its user is asked needs a yes of its own',
  async (era) => {
    await using opened = await open('client', [], ['private:files', 'private:salaries']);
    const { url, diary, salaries } = opened;
    await using client = await connect(url, era, {}, { elicitation: { form: {} } });
    const questions: string[] = [];
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      questions.push(params.message);
      if (questions.length === 1) await call(client, 'files__read_text_file', salaries);
      return { action: 'accept', content: { allow: true } };
    });
    await call(client, 'files__read_text_file', diary);
    expect(await call(client, 'outbox__note', {})).toBe('called note');
    expect(questions).toHaveLength(2);
    expect(questions[0]).toContain('what was read of private:files.');
    expect(questions[1]).toContain('what was read of private:files, private:salaries.');
  },
);

test('a rule for any labels holds where those before it do not, for reads as well', async () => {
  await using opened = await open('client', [{ tools: ['files/read_*', 'outbox/note'], require: 'operator' }]);
  await using client = await connect(opened.url, 'legacy', {}, { elicitation: { form: {} } });
  expect(await call(client, 'files__read_text_file', opened.diary)).toContain(ASKED);
  expect(await call(client, 'outbox__note', {})).toContain(ASKED);
});
