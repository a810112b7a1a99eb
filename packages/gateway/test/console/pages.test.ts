import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pageAnswer } from '../../src/console/page-answer.ts';
import { readPageFiles } from '../../src/console/page-files.ts';

async function builtPages() {
  const outside = await mkdtemp(join(tmpdir(), 'lockgate-pages-'));
  const folder = join(outside, 'console');
  await mkdir(join(folder, 'assets'), { recursive: true });
  const files = {
    'index.html': '<!doctype html>',
    'assets/app-B1C2D3E4.js': 'start()',
    'assets/app-B1C2D3E4.js.br': 'BR',
    'assets/app-B1C2D3E4.js.gz': 'GZ',
    'assets/.env': 'SECRET=1',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await writeFile(join(outside, 'secret.js'), 'SECRET');
  const pages = await readPageFiles([join(outside, 'nowhere'), folder]);
  return (name: string, headers: Record<string, string> = {}, method = 'GET') => {
    const { body, ...answer } = pageAnswer(pages, name, { headers, method });
    return { ...answer, text: typeof body === 'string' ? body : Buffer.concat(body ?? []).toString() };
  };
}

test('a file is sent in the smallest form that was made of it and that its reader takes', async () => {
  const answer = await builtPages();
  const get = (encodings: string) => answer('assets/app-B1C2D3E4.js', { 'accept-encoding': encodings });
  expect(get('gzip, deflate, br')).toMatchObject({ text: 'BR', headers: { 'content-encoding': 'br' } });
  expect(get('gzip')).toMatchObject({ text: 'GZ', headers: { 'content-encoding': 'gzip' } });
  expect(get('br;q=0, identity')).toMatchObject({
    text: 'start()',
    headers: { 'content-type': 'text/javascript; charset=utf-8', vary: 'accept-encoding' },
  });
  expect(get('').headers).not.toHaveProperty('content-encoding');
});

test('what has a digest in its name is kept for ever, and a page is asked for again', async () => {
  const answer = await builtPages();
  expect(answer('assets/app-B1C2D3E4.js').headers?.['cache-control']).toContain('immutable');
  const page = answer('');
  expect(page.headers).toMatchObject({ 'cache-control': 'no-cache', 'content-type': 'text/html; charset=utf-8' });
  expect(answer('', { 'if-none-match': page.headers?.etag ?? '' })).toMatchObject({ status: 304, text: '' });
  expect(answer('', {}, 'HEAD')).toMatchObject({ status: 200, text: '' });
  expect(answer('', {}, 'POST').status).toBe(405);
});

test('a path without an ending is a page of the console, and no path leads out of its folder', async () => {
  const answer = await builtPages();
  expect(answer('servers/files').text).toBe('<!doctype html>');
  for (const name of [
    '../secret.js',
    'assets/../../secret.js',
    '/secret.js',
    '%2e%2e/secret.js',
    'assets/.env',
    'missing.js',
  ]) {
    expect(answer(name), name).toMatchObject({ status: 404 });
  }
});

test('an installation without pages says so', async () => {
  const pages = await readPageFiles([join(tmpdir(), 'lockgate-no-such-folder')]);
  expect(pageAnswer(pages, '', { headers: {} })).toMatchObject({
    status: 404,
    body: expect.stringContaining('npm run build'),
  });
});
