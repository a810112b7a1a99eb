import { mkdtempSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadConfigFile } from '../../src/config/load.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import { connect } from './clients.ts';
import { call, servedGateway } from './guarded-files.ts';

const folder = fileURLToPath(new URL('../../../../examples/quickstart/', import.meta.url));
const data = join(folder, 'data');

/** A configuration of the quickstart as it is in the repository, on a port of its own. */
async function quickstart(file: string) {
  const text = await loadConfigFile(join(folder, file));
  const scratch = mkdtempSync(join(tmpdir(), 'lockgate-quickstart-'));
  const environment = { NOTICE_BOARD: join(scratch, 'board.jsonl') };
  const { config } = resolveConfig({
    text,
    folder,
    flags: { listen: '127.0.0.1:0', 'log-dir': scratch },
    environment,
    envFile: {},
    workingFolder: folder,
  });
  const said: [object, string][] = [];
  const info = (facts: object, text: string): unknown => said.push([facts, text]);
  const served = await servedGateway(config, { logger: { debug() {}, info, warn() {}, error() {} } });
  return Object.assign(served, { said, audit: join(scratch, 'audit.jsonl') });
}

test('npm start’s configuration lists no private entries and does not give them away', async () => {
  await using served = await quickstart('lockgate.json');
  const client = await served.connect();
  const listing = await call(client, 'files__list_directory', { path: data });
  expect(listing).toContain('[FILE] notes.md');
  expect(listing).toContain('[Filtered] 1 of 3');
  expect(listing).not.toContain('private\n');
  const [withheld] = served.said.filter(([, text]) => text === 'the reference monitor withheld something');
  const facts = {
    server: 'files',
    tool: 'list_directory',
    principal: 'anonymous',
    verdict: 'filtered',
    withheld: 1,
    total: 3,
  };
  expect(withheld?.[0]).toEqual({ ...facts, session: expect.any(String) });
  const lines = async () =>
    (await readFile(served.audit, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  await expect.poll(lines).toMatchObject([
    { event: 'guard', verdict: 'filtered' },
    { event: 'call', target: 'files__list_directory', verdict: 'filtered' },
  ]);
  const diary = await call(client, 'files__read_text_file', { path: join(data, 'private/diary.md') });
  expect(diary).toMatch(/^ERROR Denied: .*lacks secrecy: private:files/);
  expect(await call(client, 'textkit__slugify', { text: 'Crème Brûlée' })).toContain('creme-brulee');
});

test('with propagate.json whoever reads the diary can no longer write to the notice board', async () => {
  await using served = await quickstart('propagate.json');
  const client = await served.connect();
  const note = { entities: [{ name: 'party', entityType: 'event', observations: ['on Saturday'] }] };
  expect(await call(client, 'notice-board__create_entities', note)).not.toMatch(/^ERROR/);
  expect(await call(client, 'files__read_text_file', { path: join(data, 'private/diary.md') })).toContain('surprise');
  expect(await call(client, 'notice-board__create_entities', note)).toMatch(/^ERROR Denied: .*private:files/);
});

test('with approvals.json the user is asked once something private would go to the team’s board', async () => {
  await using served = await quickstart('approvals.json');
  await using client = await connect(served.url, 'modern', {}, { elicitation: { form: {} } });
  const questions: string[] = [];
  client.setRequestHandler('elicitation/create', async ({ params }) => {
    questions.push(params.message);
    return { action: 'accept', content: { allow: questions.length > 1 } };
  });
  const note = { entities: [{ name: 'party', entityType: 'event', observations: ['on Saturday'] }] };
  expect(await call(client, 'team-board__create_entities', note)).toContain('The call was carried out');
  expect(await call(client, 'files__read_text_file', { path: join(data, 'private/diary.md') })).toContain('surprise');
  expect(questions).toEqual([]);
  expect(await call(client, 'team-board__create_entities', note)).toMatch(
    /^ERROR Not called: the user has not allowed/,
  );
  expect(await call(client, 'team-board__create_entities', note)).not.toMatch(/^ERROR/);
  expect(questions[0]).toContain('private:files');
});
