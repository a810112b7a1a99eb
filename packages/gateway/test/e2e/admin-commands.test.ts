import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runLockgate } from '../cli/run-lockgate.ts';
import { LOCKGATE } from '../fixtures/lockgate-program.ts';
import { openQuickUpstream } from '../fixtures/quick-upstream.ts';
import { guardFile } from './guarded-files.ts';
import { LockgateProcess } from './lockgate-process.ts';

async function serving(mcpServers: object, gateway: object = {}) {
  const config = { gateway: { listen: '127.0.0.1:0', ...gateway }, mcpServers };
  const lockgate = await LockgateProcess.start({ config });
  return { lockgate, config };
}

test.skipIf(process.platform === 'win32')(
  'status, reload and console ask the gateway of this folder, and say that none runs',
  async () => {
    await using upstream = await openQuickUpstream();
    const config = { gateway: { listen: '127.0.0.1:0' }, mcpServers: { echo: { url: upstream.url } } };
    await using lockgate = await LockgateProcess.start({ config });
    const { folder } = lockgate;
    const url = await lockgate.url();
    await lockgate.said(/Console: /);
    const world = { workingFolder: folder };
    const status = await runLockgate(['status'], world);
    expect(status).toMatchObject({ code: 0, stderr: '' });
    expect(status.stdout).toContain(url);
    expect(status.stdout).toMatch(/echo +server +running +1 tool, modern/);
    const asJson = JSON.parse((await runLockgate(['status', '--json'], world)).stdout);
    expect(asJson).toMatchObject({ state: 'running', url, adminSocket: expect.stringContaining('lockgate') });

    const link = await runLockgate(['console'], world);
    expect(link.stdout).toMatch(new RegExp(`^${url.replace('/mcp', '')}/console/#sign-in=[\\w-]{43}\\n$`));

    const reload = () => runLockgate(['reload'], world);
    expect((await reload()).stdout).toBe('nothing has changed\n');
    const mcpServers = { echo: { url: upstream.url }, more: { url: upstream.url } };
    await writeFile(
      join(folder, 'lockgate.json'),
      JSON.stringify({ gateway: { ...config.gateway, mode: 'routed' }, mcpServers }),
    );
    const changed = await reload();
    expect(changed).toMatchObject({
      code: 0,
      stdout: 'added mcpServers.more\n',
      stderr: expect.stringContaining('gateway.mode waits for a restart'),
    });
    await writeFile(join(folder, 'lockgate.json'), '{\n  "mcpServers": {');
    const broken = await reload();
    expect(broken).toMatchObject({ code: 2, stdout: '' });
    expect(broken.stderr).toMatch(
      /what was served stays:\nerror: \/.*\/lockgate\.json:2:\d+: broken JSON: a closing brace is missing; /,
    );

    await lockgate.stop();
    const gone = await runLockgate(['status'], world);
    expect(gone).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('start one with: lockgate serve'),
    });
  },
);

test.skipIf(process.platform === 'win32')(
  'logs -f goes on with the gateway that comes after the one that ended',
  async () => {
    const { lockgate: first, config } = await serving({ dead: { command: '/nowhere/at-all' } });
    const { folder } = first;
    await first.said(/is down/);
    const world = { workingFolder: folder };
    const status = await runLockgate(['status', '--config', 'lockgate.json'], world);
    expect(status.stdout).toContain('  Its log: lockgate logs --server dead\n');
    const warnings = await runLockgate(['logs', '--level', 'warn', '--server', 'dead'], world);
    expect(warnings.stdout).toMatch(/WARN: server is down/);
    expect(warnings.stdout).not.toContain('INFO');
    expect(await runLockgate(['logs', '--server', 'daed'], world)).toMatchObject({
      code: 1,
      stderr: 'error: there is no server, plugin or guard "daed"; did you mean "dead"? (known: dead)\n',
    });

    const child = spawn(process.execPath, [...LOCKGATE, 'logs', '-f', '--json'], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    const count = (message: string): number => printed.split(`"message":"${message}"`).length - 1;
    try {
      await expect.poll(() => count('listening')).toBe(1);
      await first.stop();
      await using second = LockgateProcess.startIn(folder, config);
      await second.said(/listening/);
      await expect.poll(() => count('listening')).toBe(2);
      // Nothing twice, and nothing missed: the first line of each start is there once.
      const ids = printed
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).id as number);
      const restart = ids.indexOf(1, 1);
      expect(
        [ids.slice(0, restart), ids.slice(restart)].map((of) => of.every((id, index) => id === index + 1)),
      ).toEqual([true, true]);
    } finally {
      child.kill();
      await once(child, 'close');
    }
  },
);

test.skipIf(process.platform === 'win32')(
  'a gateway whose admin socket has a path too long for one is found all the same, by its file, a variable or the path',
  async () => {
    const adminSocket = `${'x'.repeat(60)}/${'y'.repeat(60)}/admin.sock`;
    const { lockgate, config } = await serving({}, { adminSocket: `\${PLACE}/${adminSocket}` });
    await lockgate.stop();
    const { folder } = lockgate;
    await using again = LockgateProcess.startIn(folder, config, { PLACE: folder });
    await again.said(/"gateway.adminSocket" is too long for a socket, which is here instead/);
    await again.said(/Console: `lockgate console` prints/);
    const world = { workingFolder: folder, environment: { PLACE: folder } };
    for (const command of ['status', 'logs', 'reload', 'console'])
      expect(await runLockgate([command], world)).toMatchObject({ code: 0, stderr: '' });
    const named = await runLockgate(['status', '--json', '--socket', adminSocket], { workingFolder: folder });
    expect(JSON.parse(named.stdout)).toMatchObject({ state: 'running', url: await again.url() });
    const unset = await runLockgate(['status'], { workingFolder: folder });
    expect(unset).toMatchObject({ code: 2, stderr: expect.stringContaining('with a variable that is not set here') });
  },
);

test.skipIf(process.platform === 'win32')(
  'a gateway without an admin socket says nothing of commands that would ask it, and they say why they cannot',
  async () => {
    const { lockgate } = await serving({}, { adminSocket: false });
    await using _ = lockgate;
    await lockgate.said(/Console: http:\/\/127\.0\.0\.1:\d+\/console\/, for an admin key; without an admin socket/);
    expect(lockgate.stderr).not.toContain('lockgate console');
    const asked = await runLockgate(['console'], { workingFolder: lockgate.folder });
    expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining('it says "adminSocket": false') });
    const file = join(lockgate.folder, 'plain');
    await writeFile(file, '');
    const { lockgate: other } = await serving({}, { adminSocket: join(file, 'admin.sock') });
    await using __ = other;
    await other.said(
      /the admin socket cannot be opened, so that no `lockgate status`, .* give "gateway.adminSocket" another path/,
    );
    await other.said(/Console: http:.*, for an admin key/);
  },
);

test.skipIf(process.platform === 'win32').each([1, 2])(
  'status and health show a guard that does not take its policy, with its words and what to do: %i processes',
  async (processes) => {
    await using upstream = await openQuickUpstream();
    const config = {
      gateway: { listen: '127.0.0.1:0' },
      guards: { paths: { path: guardFile('path-guard') } },
      mcpServers: { files: { url: upstream.url, guard: 'paths' } },
    };
    await using lockgate = await LockgateProcess.start({ config, args: ['--processes', String(processes)] });
    const url = await lockgate.url();
    await lockgate.said(/guard does not take the policy/);
    const status = () => runLockgate(['status'], { workingFolder: lockgate.folder });
    expect((await status()).code).toBe(1);
    // As long as not every process has found it out, it says of which it is true.
    await expect
      .poll(async () => (await status()).stdout)
      .toMatch(
        /error: files: Every call of "files" is denied by its guard "paths": .*rejected the policy: .+\n {2}Correct "guard-policies"/,
      );
    const health = async (): Promise<unknown> => (await fetch(new URL('/health/ready', url))).json();
    const reason = expect.stringContaining('rejected the policy');
    // The process that answers may still be opening its own connection.
    await expect.poll(health).toMatchObject({
      status: 'degraded',
      entries: [{}, { name: 'paths of files', state: 'down', reason }],
    });
  },
);
