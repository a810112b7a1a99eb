import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { type LoggingOptions, openLogging } from '../../src/observe/logging.ts';

function open(over: Partial<LoggingOptions> = {}) {
  const terminal = new PassThrough();
  const logging = openLogging({ level: 'info', terminal, color: false, secrets: [], ...over });
  const said = async (): Promise<string> => {
    await logging.close();
    terminal.end();
    return text(terminal);
  };
  return { ...logging, said };
}

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'lockgate-log-'));

describe('the log', () => {
  test('is readable on the terminal and JSON in its file, line by line the same', async () => {
    const logDir = join(await newFolder(), 'made', 'for', 'it');
    const { logger, said } = open({ logDir });
    logger.info({ module: 'textkit' }, 'loaded');
    logger.debug({}, 'below the level');
    logger.error({ err: new Error('broken') }, 'failed');
    const terminal = await said();
    expect(terminal).toMatch(/INFO.*: loaded/);
    expect(terminal).toContain('"module":"textkit"');
    const lines = (await readFile(join(logDir, 'lockgate.log'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 30, msg: 'loaded', module: 'textkit', time: expect.stringMatching(/^\d{4}-.*Z$/) },
      { level: 50, msg: 'failed', err: { message: 'broken' } },
    ]);
    expect((await stat(join(logDir, 'lockgate.log'))).mode & 0o077).toBe(0);
  });

  test('masks secrets wherever they stand, also those that come later', async () => {
    const logDir = await newFolder();
    const { logger, addSecrets, said } = open({ logDir, secrets: ['first-secret"'] });
    addSecrets(['second-secret']);
    logger.info({ url: 'http://x/?k=first-secret%22', deep: { text: 'a first-secret" b' } }, 'says second-secret');
    logger.error({ err: new Error('second-secret in a message') }, 'failed');
    const everything = (await said()) + (await readFile(join(logDir, 'lockgate.log'), 'utf8'));
    expect(everything).not.toContain('first-secret');
    expect(everything).not.toContain('second-secret');
    expect(everything).toContain('********');
  });

  test('goes on without its folder, and says so once', async () => {
    const file = join(await newFolder(), 'a-file');
    await writeFile(file, '');
    const { logger, said } = open({ logDir: file });
    logger.info({}, 'still here');
    const terminal = await said();
    expect(terminal).toContain('still here');
    expect(terminal.match(/the log file cannot be written/g)).toHaveLength(1);
  });

  test('takes a last word after it was closed, for the terminal alone', async () => {
    const logDir = await newFolder();
    const { logger, close, said } = open({ logDir });
    logger.info({}, 'in time');
    await close();
    logger.info({}, 'too late');
    expect(await said()).toContain('too late');
    expect(await readFile(join(logDir, 'lockgate.log'), 'utf8')).not.toContain('too late');
  });

  test('says nothing when silent', async () => {
    const { logger, said } = open({ level: 'silent' });
    logger.error({}, 'no');
    expect(await said()).toBe('');
  });
});
