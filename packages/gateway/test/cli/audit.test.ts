// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the configuration
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openAuditLog } from '../../src/observe/audit.ts';
import { readAuditKeys } from '../../src/observe/audit-keys.ts';
import { folderWith, runLockgate } from './run-lockgate.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const configuration = (key: string): string =>
  JSON.stringify({
    gateway: { logDir: './logs', audit: { key } },
    mcpServers: { a: { url: 'https://a.test/${A_KEY}' } },
  });

async function withLog(key = KEY) {
  const workingFolder = await folderWith({ 'lockgate.json': configuration(key) });
  const logDir = join(workingFolder, 'logs');
  await mkdir(logDir);
  const [first] = await readAuditKeys({ key: KEY });
  const audit = openAuditLog({ logDir, key: first, onFailure: () => expect.unreachable() });
  audit.record({ event: 'call', principal: 'ci', verdict: 'ok' });
  await audit.close();
  const verify = (...more: string[]) => runLockgate(['audit', 'verify', ...more], { workingFolder });
  return { verify, last: /last line is (\S+)/.exec((await verify()).stdout)?.[1] ?? '', logDir, key: first };
}

test('audit verify finds a line that was noted before, as it printed it and as the log has it', async () => {
  const { verify, last, key } = await withLog();
  expect(last).not.toBe('');
  for (const noted of [last, `${last}.${key?.id}`])
    expect(await verify('--contains', noted)).toMatchObject({ code: 0 });
  expect(await verify('--contains', last.replace('.1.', '.2.'))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is not there any more'),
  });
});

test('audit verify wants the key that the configuration names, and no other secret', async () => {
  const { verify } = await withLog('${AUDIT_KEY}');
  expect(await verify()).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^error: .*gateway\.audit\.key: the variable "AUDIT_KEY" is not defined[^\n]*\n$/),
  });
});

test('audit verify tells slips of who asks from a log that somebody has changed', async () => {
  const { verify } = await withLog();
  for (const noted of ['', '1', '{}']) {
    const asked = await verify('--contains', noted);
    expect(asked, noted).toMatchObject({ code: 2, stderr: expect.stringContaining('"<run>.<number>.<hash>"') });
  }
  const short = await (await withLog('c2hvcnQ=')).verify();
  expect(short).toMatchObject({ code: 2, stderr: expect.stringContaining('openssl rand -base64 32') });
});

test('audit verify says that lines before the first are gone', async () => {
  const { verify, logDir, key } = await withLog();
  const audit = openAuditLog({ logDir, key, onFailure: () => expect.unreachable() });
  audit.record({ event: 'call', principal: 'ci', verdict: 'ok' });
  await writeFile(join(logDir, 'audit.jsonl'), '');
  await audit.close();
  expect((await verify()).stdout).toContain('There were lines before the first');
});

test('audit verify checks the chain of each of several processes', async () => {
  const { verify, logDir, key } = await withLog();
  const audit = openAuditLog({ logDir, key, process: 2, onFailure: () => expect.unreachable() });
  for (const principal of ['one', 'two']) audit.record({ event: 'call', principal, verdict: 'ok' });
  await audit.close();
  const path = join(logDir, 'audit-2.jsonl');
  const sound = await verify();
  expect(sound).toMatchObject({ code: 0, stdout: expect.stringContaining(`${path}: 2 lines in 1 files.`) });
  const text = await readFile(path, 'utf8');
  expect(JSON.parse(text.split('\n')[0] ?? '')).toMatchObject({ principal: 'one', worker: 2 });
  await writeFile(path, text.slice(text.indexOf('\n') + 1));
  expect((await verify()).stdout).toContain('There were lines before the first');
  await writeFile(path, text.replace('"two"', '"six"'));
  expect(await verify()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`${path}:2 is not as it was written`),
  });
});
