// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own variables
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { echoGuest, fetchEchoGuest, refusingGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { hashApiKey } from '../../src/access/api-keys.ts';
import { certificateAuthority, servedFingerprint } from '../transport/certificates.ts';
import { connect, textOf } from './clients.ts';
import { LockgateProcess } from './lockgate-process.ts';

const listen = '127.0.0.1:0';
const logDir = 'logs';
const echo = { path: './echo.wasm', isolation: 'inline' };

describe('lockgate serve', () => {
  test('says what it serves and what it cannot, serves it, and ends in order', async () => {
    await using lockgate = await LockgateProcess.start({
      config: { gateway: { listen, logDir }, plugins: { echo, gone: { path: './gone.wasm' } } },
      files: { 'echo.wasm': echoGuest() },
    });
    const url = await lockgate.url();
    await lockgate.said(/or, in the JSON file of a client/);
    expect(lockgate.stderr).toContain(`claude mcp add --transport http lockgate ${url}`);
    expect(lockgate.stderr).toContain(`{"mcpServers":{"lockgate":{"type":"http","url":"${url}"}}}`);
    expect(lockgate.stderr).toMatch(/gone\s+plugin\s+\w+\s+.*gone\.wasm/);
    {
      await using client = await connect(url);
      expect(textOf(await client.callTool({ name: 'echo__echo', arguments: { message: 'hi' } }))).toBe('hi');
    }
    expect(await lockgate.stop(), lockgate.stderr).toBe(0);
    expect(lockgate.stdout).toBe('');
    const audit = (await readFile(join(lockgate.folder, logDir, 'audit.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(audit.map((line) => JSON.parse(line)).find(({ event }) => event === 'call')).toMatchObject({
      principal: 'anonymous',
      server: 'echo',
      method: 'tools/call',
      target: 'echo__echo',
      verdict: 'ok',
    });
    expect(audit.join()).not.toContain('"hi"');
  });

  test('over stdio keeps stdout for MCP alone, and ends with stdin', async () => {
    await using lockgate = await LockgateProcess.start({
      config: {
        gateway: { logDir },
        plugins: { echo },
        guards: { g: { path: './none.wasm' } },
        mcpServers: {
          other: { command: process.execPath, args: ['-e', 'require("fs").writeFileSync("started", "")'], guard: 'g' },
        },
      },
      files: { 'echo.wasm': echoGuest() },
      args: ['--stdio', '--server', 'echo'],
    });
    const { stdin, stdout } = lockgate.child;
    const send = (message: object) => stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    send({
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } },
    });
    send({ method: 'notifications/initialized' });
    send({ id: 2, method: 'tools/call', params: { name: 'echo', arguments: { message: 'piped' } } });
    while (!lockgate.stdout.includes('"id":2')) await once(stdout, 'data');
    stdin.end();
    expect(await lockgate.exited, lockgate.stderr).toBe(0);
    expect(existsSync(join(lockgate.folder, 'started'))).toBe(false);
    expect(lockgate.stderr).not.toContain('guard is not in service');
    const messages = lockgate.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(messages.every(({ jsonrpc }) => jsonrpc === '2.0')).toBe(true);
    expect(messages.find(({ id }) => id === 2).result.content).toEqual([{ type: 'text', text: 'piped' }]);
  });

  test('over stdio refuses a server that the configuration does not have', async () => {
    await using lockgate = await LockgateProcess.start({
      config: { gateway: { logDir }, plugins: { echo } },
      files: { 'echo.wasm': echoGuest() },
      args: ['--stdio', '--server', 'ecco'],
    });
    expect(await lockgate.exited).toBe(2);
    expect(lockgate.stderr).toContain('there is no plugin or server "ecco"; did you mean "echo"? (known: echo)');
  });

  test('takes the next port if it may, and says so; else ends with the address in the error', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const config = { gateway: { listen: `127.0.0.1:${port}`, logDir } };
    await using refused = await LockgateProcess.start({ config });
    expect(await refused.exited).toBe(1);
    expect(refused.stderr).toContain(`cannot listen on 127.0.0.1:${port}`);
    expect(refused.stderr).toContain('--port-fallback');
    await using next = await LockgateProcess.start({ config, args: ['--port-fallback'] });
    expect(Number(new URL(await next.url()).port)).toBeGreaterThan(port);
    expect(next.stderr).toContain(`Port ${port} is taken`);
    taken.close();
  });

  test('at SIGHUP reads its files again though it watches none, and goes on in new log files', async () => {
    await using lockgate = await LockgateProcess.start({
      config: { gateway: { listen, logDir }, plugins: { echo } },
      files: { 'echo.wasm': echoGuest() },
      args: ['--no-watch'],
    });
    const url = await lockgate.url();
    const inFolder = (name: string): string => join(lockgate.folder, name);
    const save = (text: string): Promise<void> => writeFile(inFolder('lockgate.json'), text);
    const config = { gateway: { listen, logDir }, plugins: { echo, more: echo } };

    await save('{ "plugins": ');
    lockgate.child.kill('SIGHUP');
    await lockgate.said(/the changed configuration cannot be used; what was served stays/);
    // Written a moment after it is said.
    await expect.poll(() => readFile(inFolder('logs/lockgate.log'), 'utf8')).toContain('cannot be used');

    await rename(inFolder('logs/audit.jsonl'), inFolder('logs/audit.jsonl-moved'));
    await rename(inFolder('logs/lockgate.log'), inFolder('logs/lockgate.log-moved'));
    await save(JSON.stringify(config));
    lockgate.child.kill('SIGHUP');
    await lockgate.said(/configuration applied/);
    {
      await using client = await connect(url);
      for (const name of ['echo', 'more']) {
        const answer = await client.callTool({ name: `${name}__echo`, arguments: { message: name } });
        expect(textOf(answer)).toBe(name);
      }
    }
    expect(await lockgate.stop()).toBe(0);
    expect(await readFile(inFolder('logs/lockgate.log'), 'utf8')).toContain('configuration applied');
    expect(await readFile(inFolder('logs/lockgate.log-moved'), 'utf8')).toContain('cannot be used');
    expect(await readFile(inFolder('logs/audit.jsonl'), 'utf8')).toContain('"target":"more__echo"');
  });

  test('lets a running call finish at the first signal, and cuts it at the second', async () => {
    const asked = Promise.withResolvers<void>();
    const backend = createServer(() => asked.resolve()).listen(0, '127.0.0.1');
    await once(backend, 'listening');
    const { port } = backend.address() as AddressInfo;
    await using lockgate = await LockgateProcess.start({
      config: {
        gateway: { listen, logDir, shutdownTimeoutMs: 600_000 },
        plugins: { slow: { path: './slow.wasm', isolation: 'inline', http: { allow: ['127.0.0.1'] } } },
      },
      files: { 'slow.wasm': fetchEchoGuest() },
    });
    const client = await connect(await lockgate.url());
    const call = client.callTool({ name: 'slow__fetch-url', arguments: { message: `http://127.0.0.1:${port}/` } });
    const failed = call.catch((error: unknown) => error);
    await Promise.race([asked.promise, call]);
    lockgate.child.kill('SIGTERM');
    await lockgate.said(/closing/);
    expect(lockgate.child.exitCode).toBeNull();
    expect(await lockgate.stop('SIGINT')).toBe(1);
    await failed;
    backend.closeAllConnections();
    backend.close();
  });

  test.each([
    ['its port is taken', async (port: number) => ({ listen: `127.0.0.1:${port}` }), 1],
    ['strangers could reach it', async () => ({ listen: '0.0.0.0:0' }), 2],
    ['its certificate cannot be read', async () => ({ listen, tls: { cert: './none.pem', key: './none.key' } }), 2],
  ])('starts no server when %s', async (_why, gatewayFor, code) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const gateway = { ...(await gatewayFor((taken.address() as AddressInfo).port)), logDir };
    const args = ['-e', 'require("fs").writeFileSync("started", "")'];
    await using refused = await LockgateProcess.start({
      config: {
        gateway,
        guards: { g: { path: './g.wasm' } },
        mcpServers: { s: { command: process.execPath, args, guard: 'g' } },
      },
      files: { 'g.wasm': '' },
    });
    expect(await refused.exited, refused.stderr).toBe(code);
    expect(refused.stderr).not.toContain('guard is not in service');
    expect(existsSync(join(refused.folder, 'started'))).toBe(false);
    taken.close();
  });

  test('refuses other machines unless it asks who they are', async () => {
    const open = { gateway: { listen: '0.0.0.0:0', logDir } };
    await using refused = await LockgateProcess.start({ config: open });
    expect(await refused.exited).toBe(2);
    expect(refused.stderr).toContain('gateway.allowUnauthenticated');
    await using told = await LockgateProcess.start({ config: open, args: ['--allow-unauthenticated'] });
    expect(await told.url()).toContain('0.0.0.0');
  });
});

describe('a changed configuration file', () => {
  test('is applied while clients stay connected, and a broken one changes nothing', async () => {
    const config = { gateway: { listen, logDir }, plugins: { echo } };
    await using lockgate = await LockgateProcess.start({ config, files: { 'echo.wasm': echoGuest() } });
    const file = join(lockgate.folder, 'lockgate.json');
    const url = await lockgate.url();
    await using client = await connect(url, 'legacy');
    await client.callTool({ name: 'echo__echo', arguments: { message: 'before' } });

    await writeFile(file, '{ "plugins": {{ }');
    await lockgate.said(/cannot be used; what was served stays/);
    await writeFile(file, JSON.stringify({ ...config, plugins: { echo, second: { ...echo, prefix: 'two' } } }));
    await lockgate.said(/configuration applied/);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['echo__echo', 'two__echo']));
    expect(textOf(await client.callTool({ name: 'two__echo', arguments: { message: 'after' } }))).toBe('after');

    const locked = { ...config.gateway, auth: { apiKeys: [{ name: 'me', hash: hashApiKey('k'.repeat(40)) }] } };
    await writeFile(file, JSON.stringify({ ...config, gateway: locked }));
    await lockgate.said(/configuration applied[\s\S]*configuration applied/);
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401);
  });
});

test('renewed certificates are served without a restart', async () => {
  const authority = certificateAuthority('CA');
  const [old, next] = [authority.issue('gateway'), authority.issue('gateway')];
  const tls = { cert: './gateway.pem', key: './gateway.key' };
  await using lockgate = await LockgateProcess.start({
    config: { gateway: { listen: '127.0.0.1:0', tls } },
    files: { 'gateway.pem': old.cert, 'gateway.key': old.key },
  });
  const { port } = new URL(await lockgate.url());
  const served = () => servedFingerprint(Number(port), authority.cert);
  expect(await served()).toBe(old.fingerprint256);
  await writeFile(join(lockgate.folder, 'gateway.key'), next.key);
  await lockgate.said(/the private key is not the one of the certificate/);
  await writeFile(join(lockgate.folder, 'gateway.pem'), next.cert);
  await lockgate.said(/the certificates were read again/);
  expect(await served()).toBe(next.fingerprint256);
});

describe('secrets', () => {
  test('are written nowhere: not to the terminal, the logs, the audit log, health, metrics or errors', async () => {
    const secrets = {
      KEY: 'hush-api-key-of-more-than-32-characters',
      OPERATOR_KEY: 'hush-operator-key-of-more-than-32-characters',
      TOKEN: 'hush-server-token',
      ARGUMENT: 'hush-argument',
      SETTING: 'hush-setting',
      HEADER: 'hush-header',
    };
    const leaky =
      'console.error("token", process.env.TOKEN, "of", process.argv.join(), "and", process.argv.at(-1).split(" ")[1]); process.exit(1)';
    const quoting = createServer(({ headers }, response) =>
      response.writeHead(403, { 'content-type': 'text/plain' }).end(`refused: ${headers.authorization}`),
    ).listen(0, '127.0.0.1');
    await once(quoting, 'listening');
    const { port } = quoting.address() as AddressInfo;
    await using lockgate = await LockgateProcess.start({
      config: {
        gateway: {
          listen,
          logDir,
          logLevel: 'debug',
          auth: {
            apiKeys: [
              { name: 'ci', key: '${KEY}', servers: ['echo', 'refusing', 'quoting'] },
              { name: 'operator', key: '${OPERATOR_KEY}' },
            ],
          },
        },
        plugins: {
          echo: { ...echo, settings: { secret: '${SETTING}' } },
          refusing: { path: './refusing.wasm', isolation: 'inline', settings: { secret: '${SETTING}' } },
        },
        mcpServers: {
          leaky: {
            command: process.execPath,
            args: ['-e', leaky, '--', '--token', '${TOKEN}', 'X-Key: ${ARGUMENT}'],
            env: { TOKEN: '${TOKEN}' },
          },
          quoting: { url: `http://127.0.0.1:${port}/mcp`, headers: { authorization: '${HEADER}' } },
        },
      },
      files: {
        'echo.wasm': echoGuest(),
        'refusing.wasm': refusingGuest({ reason: `the key ${secrets.SETTING} is wrong` }),
      },
      environment: secrets,
    });
    const url = await lockgate.url();
    await lockgate.said(/server wrote to stderr/);
    await lockgate.said(/is wrong[\s\S]*or, in the JSON file of a client/);
    const base = url.replace('/mcp', '');
    const withKey = { headers: { authorization: `Bearer ${secrets.KEY}` } };
    const withAll = { headers: { authorization: `Bearer ${secrets.OPERATOR_KEY}` } };
    const wrongKey = { headers: { authorization: `Bearer hush-wrong-key` } };
    const pages = [
      ['/health/ready', withAll],
      ['/health/ready', withKey],
      ['/health/ready', {}],
      ['/metrics', withAll],
      ['/metrics', withKey],
      ['/metrics', {}],
      ['/mcp', wrongKey],
    ] as const;
    const sessions: string[] = [];
    const answers = await Promise.all(
      pages.map(async ([path, init]) => {
        const response = await fetch(base + path, init);
        return `${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`;
      }),
    );
    expect(answers.map((answer) => answer.slice(0, 3))).toEqual(['200', '200', '200', '200', '403', '401', '401']);
    {
      await using client = await connect(url, 'legacy', withAll.headers);
      const failed = JSON.stringify(await client.callTool({ name: 'leaky__any', arguments: {} }).catch(String));
      expect(failed).toContain('its last words');
      answers.push(failed);
    }
    {
      await using client = await connect(url, 'legacy', withKey.headers);
      sessions.push((client.transport as { sessionId?: string }).sessionId as string);
      answers.push(JSON.stringify(await client.callTool({ name: 'refusing__echo', arguments: {} }).catch(String)));
      expect((await client.listTools()).tools.every(({ name }) => name.startsWith('echo__'))).toBe(true);
      await client.callTool({ name: 'leaky__x', arguments: {} }).catch((error: Error) => answers.push(error.message));
    }
    expect(await lockgate.stop(), lockgate.stderr).toBe(0);
    quoting.close();
    const everything = [await lockgate.everythingWritten(logDir), ...answers].join('\n');
    expect(sessions[0]).toHaveLength(36);
    for (const secret of [...Object.values(secrets), ...sessions, 'hush-wrong-key'])
      expect(everything).not.toContain(secret);
    expect(everything).toContain('********');
  });
});
