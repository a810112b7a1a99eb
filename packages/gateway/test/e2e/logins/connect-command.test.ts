import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { runLockgate } from '../../cli/run-lockgate.ts';
import { type LoginServer, serveLogin } from '../../fixtures/login-server.ts';
import { createGateway } from '../../fixtures/patient-gateway.ts';
import { connect, textOf } from '../clients.ts';
import { LockgateProcess } from '../lockgate-process.ts';

/** Runs `lockgate connect`, and does in the browser what it asks for. */
async function logInBy(
  folder: string,
  environment: Record<string, string> = {},
): Promise<{ code: number; said: string }> {
  const stderr = new PassThrough();
  const stdout = new PassThrough();
  let said = '';
  stdout.on('data', (chunk) => {
    said += chunk;
  });
  const opened = new Promise<void>((resolve) => {
    stderr.on('data', (chunk) => {
      said += chunk;
      const [url] = /http:\/\/\S+\/authorize\?\S+/.exec(said) ?? [];
      if (url !== undefined)
        void fetch(`${url}&as=olga`)
          .then((response) => response.text())
          .then(() => resolve());
    });
  });
  const code = await runProgram(['connect', 'any'], {
    stdin: Readable.from([]),
    piped: false,
    stdout,
    stderr,
    environment,
    workingFolder: folder,
  });
  if (code === 0) await opened;
  return { code, said };
}

async function folderOf(server: LoginServer, vault: object = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-connect-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const gateway = { listen: '127.0.0.1:0', vault };
  await writeFile(join(folder, 'lockgate.json'), JSON.stringify({ gateway, mcpServers: { any: { url: server.url } } }));
  return folder;
}

const whoami = { name: 'any__whoami', arguments: {} };

describe('lockgate connect', () => {
  test.skipIf(process.platform === 'win32')(
    'logs in for the gateway that runs, whose tools come by themselves',
    async () => {
      await using server = await serveLogin();
      const config = { gateway: { listen: '127.0.0.1:0' }, mcpServers: { any: { url: server.url } } };
      await using lockgate = await LockgateProcess.start({ config });
      const url = await lockgate.url();
      await lockgate.said(/Console: /);
      const status = await runLockgate(['status'], { workingFolder: lockgate.folder });
      expect(status.stdout).toMatch(/any +server +needs login/);
      const { code, said } = await logInBy(lockgate.folder);
      expect([code, said]).toEqual([0, expect.stringContaining('Logged in to any. The login is kept in memory')]);
      await using client = await connect(url);
      await expect.poll(async () => (await client.listTools()).tools.map(({ name }) => name)).toEqual(['any__whoami']);
      expect(textOf(await client.callTool(whoami))).toBe('olga');
    },
  );

  test('puts the login into the vault where no gateway runs, and the next one finds it, across a rotation of the key', async () => {
    await using server = await serveLogin();
    const dir = await mkdtemp(join(tmpdir(), 'lockgate-vault-'));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    const vault = { dir: join(dir, 'vault'), keyFile: join(dir, 'key') };
    const folder = await folderOf(server, vault);
    const world = { workingFolder: folder };
    expect((await logInBy(folder)).said).toContain('make one with "lockgate vault init"');
    expect(await runLockgate(['vault', 'init'], world)).toMatchObject({ code: 0, stderr: '' });
    expect((await runLockgate(['vault', 'init'], world)).stdout).toContain('is there already');
    expect(await logInBy(folder)).toMatchObject({ code: 0, said: expect.stringMatching(/Logged in to any\.\n$/) });
    const called = async (): Promise<string> => {
      const config = { gateway: { listen: '127.0.0.1:0', vault }, mcpServers: { any: { url: server.url } } };
      await using gateway = await createGateway(config as never);
      const { url } = await gateway.listen();
      await gateway.started();
      await using client = await connect(url);
      return textOf(await client.callTool(whoami));
    };
    expect(await called()).toBe('olga');
    for (let turn = 0; turn < 3; turn++) {
      const rotated = await runLockgate(['vault', 'rotate'], world);
      // The login, and the client that the gateway is to its authorization server.
      expect(rotated).toMatchObject({ code: 0, stdout: 'Sealed 2 records with the first key.\n' });
    }
    expect(await called()).toBe('olga');
  });
});

test('a login that an operator ends is revoked and forgotten, and what was connected with it is closed', async () => {
  await using server = await serveLogin();
  const config = { gateway: { listen: '127.0.0.1:0' }, mcpServers: { any: { url: server.url } } };
  await using lockgate = await LockgateProcess.start({ config });
  const url = await lockgate.url();
  const link = /http:\S+#sign-in=([\w-]+)/;
  await lockgate.said(/Console: /);
  await logInBy(lockgate.folder);
  const { stdout } = await runLockgate(['console'], { workingFolder: lockgate.folder });
  const base = url.replace('/mcp', '');
  const signedIn = await fetch(`${base}/console/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: base },
    body: JSON.stringify({ token: link.exec(stdout)?.[1] }),
  });
  const { csrf } = (await signedIn.json()) as { csrf: string };
  const headers = {
    cookie: signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '',
    origin: base,
    'x-lockgate-csrf': csrf,
    'content-type': 'application/json',
  };
  const list = async () =>
    (await (await fetch(`${base}/console/api/connections`, { headers })).json()) as { connections: object[] };
  expect(await list()).toEqual({
    connections: [
      expect.objectContaining({
        server: 'any',
        of: 'all callers',
        state: 'connected',
        scopes: ['read'],
        isRenewable: true,
        isKept: false,
      }),
    ],
  });
  expect(JSON.stringify(await list())).not.toMatch(/access-|refresh-/);
  const body = JSON.stringify({ server: 'any', holder: 'shared' });
  const ended = await fetch(`${base}/console/api/connections/disconnect`, { method: 'POST', headers, body });
  expect(await ended.json()).toEqual({ message: 'The login is forgotten, and revoked at the authorization server.' });
  expect(server.revoked).toEqual([expect.stringContaining('refresh-olga-')]);
  await using client = await connect(url);
  expect(textOf(await client.callTool(whoami))).toContain('needs a login');
});
