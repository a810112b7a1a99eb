import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { root } from './process.mjs';

const SCOPE = '@lockgate/*';

/**
 * Starts an empty registry on loopback that anybody may publish our packages to. What they depend on comes from
 * `uplink`; our own never do.
 */
export async function startLocalRegistry(folder, uplink) {
  const url = `http://127.0.0.1:${await freePort()}/`;
  const config = {
    storage: join(folder, 'storage'),
    auth: { htpasswd: { file: join(folder, 'htpasswd'), max_users: -1 } },
    uplinks: { uplink: { url: uplink } },
    packages: { [SCOPE]: { access: '$all', publish: '$all' }, '**': { access: '$all', proxy: 'uplink' } },
    log: { type: 'file', path: join(folder, 'registry.log'), level: 'warn' },
    max_body_size: '50mb',
    web: { enable: false },
  };
  const file = join(folder, 'registry.yaml');
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML
  const program = join(root, 'node_modules/verdaccio/bin/verdaccio');
  const server = fork(program, ['--config', file, '--listen', url], {
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(server, 'exit').then(([code]) => {
    throw new Error(`the local registry ended with ${code}`);
  });
  ended.catch(() => undefined); // counts while somebody waits for the start, and not afterwards
  await Promise.race([once(server, 'message'), ended]);
  return { url, stop: () => server.kill() };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
