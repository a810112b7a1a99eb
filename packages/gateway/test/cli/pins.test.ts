import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FICKLE } from '../fixtures/fickle-program.ts';
import { runLockgate } from './run-lockgate.ts';

const said = JSON.stringify({ prompts: [], tools: ['{"name":"add","inputSchema":{"type":"object"}}'] });
const it = { command: process.execPath, args: ['-e', FICKLE, said] };

test('a lock file keeps what it says of servers that each caller logs in to, and the command says that they were not looked at', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-pins-'));
  const [config, file] = ['lockgate.json', 'pins.json'].map((name) => join(folder, name)) as [string, string];
  const run = async (command: 'write' | 'verify', own: object) => {
    const pins = { mode: 'lockfile', file };
    await writeFile(config, JSON.stringify({ gateway: { pins }, mcpServers: { it, own } }));
    return await runLockgate(['pins', command, '--config', config]);
  };
  expect(await run('write', it)).toMatchObject({
    code: 0,
    stdout: `Wrote 4 pins to ${file}. Look at it before you keep it.\n`,
  });
  const before = await readFile(file, 'utf8');
  const login = { url: 'http://127.0.0.1:9/mcp', credential: 'user' };
  const written = await run('write', login);
  expect(written).toMatchObject({ code: 0, stdout: expect.stringContaining('Wrote 4 pins') });
  expect(await readFile(file, 'utf8')).toBe(before);
  const verified = await run('verify', login);
  expect(verified.code).toBe(0);
  for (const { stderr } of [written, verified])
    expect(stderr).toMatch(
      /server "own" was not looked at: each caller logs in to it.*lockgate pins approve own --config \S+lockgate\.json\n/,
    );
  expect((await run('verify', it)).stderr).not.toContain('not looked at');
});
