import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { NotLoadedError } from '../../src/errors.ts';
import { unlessSameFile } from '../../src/upstream/unless-same-file.ts';

async function fileOf(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-same-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'a.wasm');
  await writeFile(path, text);
  return path;
}

/** What is opened, each time with the next of these answers. */
function opening(path: string | undefined, ...answers: readonly (Error | (() => Promise<Error>))[]) {
  const asked = { times: 0 };
  const open = unlessSameFile(path, async () => {
    const answer = answers[asked.times++];
    if (answer !== undefined) throw typeof answer === 'function' ? await answer() : answer;
    return 'open';
  });
  return { asked, open: () => open().catch((error: Error) => error.message) };
}

const refused = (problem: string): NotLoadedError =>
  new NotLoadedError(new Error('unlinked'), { problem, remedy: 'mend it' });

test('what cannot be loaded as it is, is asked again only when its file is another', async () => {
  const path = await fileOf('one');
  const { asked, open } = opening(path, refused('no module'));
  expect([await open(), await open(), asked.times]).toEqual(['no module; mend it', 'no module; mend it', 1]);
  await writeFile(path, 'other');
  expect(await open()).toBe('open');
});

test('what may pass is asked again each time', async () => {
  const { asked, open } = opening(await fileOf('one'), new Error('no memory'), new Error('no memory'));
  expect([await open(), await open(), await open(), asked.times]).toEqual(['no memory', 'no memory', 'open', 3]);
});

test('what is written while it is read is another file', async () => {
  const path = await fileOf('half');
  const { open } = opening(path, async () => {
    await writeFile(path, 'the whole of it');
    return refused('half a module');
  });
  expect([await open(), await open()]).toEqual(['half a module; mend it', 'open']);
});

test('what comes from no file stays as it is', async () => {
  const { asked, open } = opening(undefined, refused('no module'));
  expect([await open(), await open(), asked.times]).toEqual(['no module; mend it', 'no module; mend it', 1]);
});
