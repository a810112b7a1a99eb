import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { adminSocketPath, reachableSocketPath } from '../../src/console/admin-socket-path.ts';
import { OpenedConsole } from './open-console.ts';

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'lg-'));

/** A socket as a killed process leaves it: one that ends in order removes what it made, under the name that it knows. */
async function leftBehind(path: string): Promise<void> {
  const server = createServer().listen(`${path}.made`);
  await once(server, 'listening');
  await rename(`${path}.made`, path);
  server.close();
  await once(server, 'close');
  expect((await stat(path)).isSocket()).toBe(true);
}

async function ask(socketPath: string, path: string, method = 'GET') {
  const request = httpRequest({ socketPath, path: `/console/api/${path}`, method });
  request.end();
  const [response] = await once(request, 'response');
  const answer = await text(response);
  return { status: response.statusCode as number, body: answer === '' ? undefined : JSON.parse(answer) };
}

test.skipIf(process.platform === 'win32')(
  'the admin socket is its user’s alone, and who opens it is the operator',
  async () => {
    const path = join(await folder(), 'own', 'a.sock');
    await using console = await OpenedConsole.open({ gateway: { console: false } }, { adminSocket: path });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o700);
    expect((await ask(path, 'overview')).body).toMatchObject({
      state: 'running',
      url: `${console.base}/mcp`,
      ticks: [],
    });
    expect((await ask(path, 'calls')).body.error.code).toBe('NOT_AVAILABLE');
    expect((await ask(path, 'upstreams/nobody/restart', 'POST')).status).toBe(404);
    expect((await ask(path, '../../etc/passwd')).status).toBe(404);
    await console.gateway.close();
    await expect(stat(path)).rejects.toThrow('ENOENT');
  },
);

test.skipIf(process.platform === 'win32')('over the admin socket a link is made that signs in', async () => {
  const path = join(await folder(), 'a.sock');
  await using console = await OpenedConsole.open({}, { adminSocket: path });
  const { body } = await ask(path, 'sign-in-link', 'POST');
  expect(body.url).toMatch(new RegExp(`^${console.base}/console/#sign-in=[\\w-]{43}$`));
  const browser = await console.signIn();
  const told = await browser.ask('sign-in-link', { method: 'POST' });
  expect([told.status, told.body.error.code]).toEqual([403, 'ROLE']);
});

test.skipIf(process.platform === 'win32')(
  'what a dead gateway has left is replaced, and a living one is left alone',
  async () => {
    const path = join(await folder(), 'a.sock');
    await leftBehind(path);
    await writeFile(`${path}.other`, 'mine');
    await using first = await OpenedConsole.open({}, { adminSocket: path });
    expect((await ask(path, 'overview')).status).toBe(200);
    await using second = await OpenedConsole.open({}, { adminSocket: path });
    expect(second.logged.join('\n')).toContain('another gateway with this configuration has the admin socket');
    expect((await ask(path, 'overview')).body.url).toBe(`${first.base}/mcp`);
    await using third = await OpenedConsole.open({}, { adminSocket: `${path}.other` });
    expect(third.logged.join('\n')).toContain('cannot be opened');
    expect(await readFile(`${path}.other`, 'utf8')).toBe('mine');
  },
);

test.skipIf(process.platform === 'win32')(
  'what killed gateways of other configurations have left goes, and what answers stays',
  async () => {
    const own = join(await folder(), 'lockgate-1');
    await mkdir(own, { mode: 0o700 });
    const [dead, young, alive, fresh] = ['d', 'e', 'a', 'f'].map((digit) => `${digit.repeat(16)}.sock`) as string[];
    for (const name of [dead, young, 'named.sock']) await leftBehind(join(own, `${name}`));
    const living = createServer().listen(join(own, `${alive}`));
    await once(living, 'listening');
    for (const name of [dead, alive, 'named.sock']) await utimes(join(own, `${name}`), 0, 0);
    await using _console = await OpenedConsole.open({}, { adminSocket: join(own, `${fresh}`) });
    expect((await readdir(own)).toSorted()).toEqual([alive, young, fresh, 'named.sock']);
    living.close();
  },
);

test.skipIf(process.platform === 'win32')('a default folder that others may enter is not used', async () => {
  const path = join(await folder(), 'lockgate-4711', 'a.sock');
  await mkdir(join(path, '..'), { mode: 0o755 });
  await using console = await OpenedConsole.open({}, { adminSocket: path });
  expect(console.logged.join('\n')).toContain("is not this user's alone");
  await expect(stat(path)).rejects.toThrow('ENOENT');
  const elsewhere = join(await folder(), 'lockgate', 'a.sock');
  await mkdir(join(elsewhere, '..'), { mode: 0o755 });
  await using other = await OpenedConsole.open({}, { adminSocket: elsewhere });
  expect((await ask(elsewhere, 'overview')).body.url).toBe(`${other.base}/mcp`);
});

test('the default path is the same for the same file, and short enough to be an address', () => {
  const environment = { XDG_RUNTIME_DIR: '/run/user/1000' };
  const path = adminSocketPath('/etc/lockgate/lockgate.json', environment);
  if (process.platform !== 'win32') expect(path).toMatch(/^\/run\/user\/1000\/lockgate\/[0-9a-f]{16}\.sock$/);
  expect(adminSocketPath('/etc/lockgate/lockgate.json', environment)).toBe(path);
  expect(adminSocketPath('/etc/lockgate/other.json', environment)).not.toBe(path);
  // Named pipes have no folder; the name is the user's and the configuration's.
  expect(adminSocketPath('/etc/lockgate/lockgate.json', environment, 'win32')).toMatch(
    /^\\\\\.\\pipe\\lockgate-[^\\/]+-[0-9a-f]{16}$/,
  );
  const long = adminSocketPath('/etc/x.json', { XDG_RUNTIME_DIR: `/run/${'long/'.repeat(40)}` });
  expect(Buffer.byteLength(long)).toBeLessThan(104);
});

test.skipIf(process.platform === 'win32')('a path that is too long for a socket leads to one that is not', async () => {
  const environment = { XDG_RUNTIME_DIR: '/run/user/1000' };
  const [kept, long, other] = [103, 104, 105].map((bytes) => `/${'é'.repeat(40)}${'x'.repeat(bytes - 81)}`) as [
    string,
    string,
    string,
  ];
  expect(reachableSocketPath(kept, environment)).toBe(kept);
  expect(reachableSocketPath(long, environment)).toMatch(/^\/run\/user\/1000\/lockgate\/[0-9a-f]{16}\.sock$/);
  expect(reachableSocketPath(long, environment)).not.toBe(reachableSocketPath(other, environment));
  expect(reachableSocketPath(long, environment, 'win32')).toBe(long);
  // Who embeds a gateway gives a path of their own.
  await using console = await OpenedConsole.open({}, { adminSocket: long });
  expect(console.logged.join('\n')).toContain('its path has 104 bytes, and addresses of sockets at most 103');
});
